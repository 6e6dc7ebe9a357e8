#include "text/base64.h"

#include <CppUTest/SimpleString.h>
#include <CppUTest/TestHarness.h>

#include <array>
#include <utility>

using namespace postern::text;

namespace {

// RFC 4648 §10
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> rfc_vectors = {{{"", ""},
                                                                                       {"f", "Zg=="},
                                                                                       {"fo", "Zm8="},
                                                                                       {"foo", "Zm9v"},
                                                                                       {"foob", "Zm9vYg=="},
                                                                                       {"fooba", "Zm9vYmE="},
                                                                                       {"foobar", "Zm9vYmFy"}}};

std::string lenient(std::string_view text, std::size_t piece) {
    std::string out;
    Base64Decoder decoder;
    for (std::size_t i = 0; i < text.size(); i += piece) decoder.feed(text.substr(i, piece), out);
    decoder.finish(out);
    return out;
}

} // namespace

TEST_GROUP(Base64){};

TEST(Base64, encodes_and_decodes_the_vectors_of_rfc_4648) {
    for (auto const& [plain, coded] : rfc_vectors) {
        CHECK_TRUE(base64_encode(plain) == coded);
        CHECK_TRUE(base64_decode(coded) == plain);
    }
}

TEST(Base64, round_trips_every_octet_at_every_length) {
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
        CHECK_TRUE(base64_decode(base64_encode(bytes)) == bytes);
        CHECK_TRUE(lenient(base64_encode(bytes), 5) == bytes);
        bytes += static_cast<char>(i * 7);
    }
}

TEST(Base64, strict_decoding_refuses_what_is_not_canonical) {
    for (std::string_view bad :
         {"Zg", "Zg=", "Zg===", "=", "====", "Zm9v=", "Zm 9v", "Zm9v\r\n", "Zh==", "Zm9=", "Zg==Zg==", "Z-_v"})
        CHECK_FALSE(base64_decode(bad).has_value());
}

TEST(Base64, lenient_decoding_skips_line_ends_and_junk) {
    for (std::size_t piece : {1, 2, 3, 100}) {
        CHECK_TRUE(lenient("Zm9v\r\nYm!Fy\r\n", piece) == "foobar");
        CHECK_TRUE(lenient("", piece).empty());
    }
}

TEST(Base64, lenient_decoding_goes_on_after_padding) {
    CHECK_TRUE(lenient("Zg==\r\nZm8=\r\nZm9v", 1) == "ffofoo");
    CHECK_TRUE(lenient("====", 1).empty());
}

TEST(Base64, lenient_decoding_keeps_the_octets_of_a_quantum_cut_short) {
    CHECK_TRUE(lenient("Zm9vYg", 2) == "foob");
    CHECK_TRUE(lenient("Zm9vYmE", 2) == "fooba");
    CHECK_TRUE(lenient("Zm9vY", 2) == "foo"); // six bits are no octet
}

// RFC 2045 §6.8
TEST(Base64, lines_are_76_characters_long_and_all_of_them_end) {
    for (std::size_t size : {0, 1, 56, 57, 58, 114, 200}) {
        std::string const bytes(size, 'x');
        for (std::size_t piece : {1, 56, 57, 1000}) {
            std::string out;
            Base64Encoder encoder;
            for (std::size_t i = 0; i < size; i += piece) encoder.feed(std::string_view(bytes).substr(i, piece), out);
            encoder.finish(out);
            LONGS_EQUAL(base64_lines_size(size), out.size());
            CHECK_TRUE(lenient(out, 5) == bytes);
            CHECK_TRUE(out.empty() || out.ends_with("\r\n"));
            for (std::size_t i = 0; i + 78 < out.size(); i += 78) CHECK_TRUE(out.find("\r\n", i) == i + 76);
        }
    }
}
