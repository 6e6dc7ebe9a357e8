#include "text/quoted_printable.h"

#include <CppUTest/TestHarness.h>

using namespace postern::text;

namespace {

std::string decoded(std::string_view text, std::size_t piece) {
    std::string out;
    QuotedPrintableDecoder decoder;
    for (std::size_t i = 0; i < text.size(); i += piece) decoder.feed(text.substr(i, piece), out);
    decoder.finish(out);
    return out;
}

void check_decodes(std::string_view text, std::string_view expected) {
    for (std::size_t piece : {1, 2, 3, 5, 1000})
        STRCMP_EQUAL(std::string(expected).c_str(), decoded(text, piece).c_str());
}

} // namespace

TEST_GROUP(QuotedPrintable){};

TEST(QuotedPrintable, joins_the_soft_breaks_of_the_example_in_rfc_2045) {
    check_decodes("Now's the time =\r\nfor all folk to come=\r\n to the aid of their country.",
                  "Now's the time for all folk to come to the aid of their country.");
}

TEST(QuotedPrintable, decodes_escapes_of_either_case) {
    check_decodes("caf=C3=A9 =c3=bc =3D", "caf\xc3\xa9 \xc3\xbc =");
}

TEST(QuotedPrintable, keeps_hard_line_breaks) { check_decodes("a\r\n\r\nb\nc\r\n", "a\r\n\r\nb\nc\r\n"); }

TEST(QuotedPrintable, drops_blanks_before_a_line_end) {
    check_decodes("a \t \r\nb  c \r\n", "a\r\nb  c\r\n");
    check_decodes("end \t", "end");
    check_decodes("kept=20\r\n", "kept \r\n");
}

TEST(QuotedPrintable, takes_padding_after_a_soft_break) {
    check_decodes("one= \t\r\ntwo", "onetwo");
    check_decodes("one=\ntwo", "onetwo");
    check_decodes("one=", "one");
    check_decodes("one=\r\n", "one");
}

TEST(QuotedPrintable, passes_broken_escapes_through) {
    check_decodes("=ZZ =4 =4x = x ==41 =\rx", "=ZZ =4 =4x = x =A =\rx");
    check_decodes("100=4", "100=4");
}

TEST(QuotedPrintable, holds_back_no_more_than_a_line_of_blanks) {
    std::string const blanks(5'000, ' ');
    std::string out;
    QuotedPrintableDecoder decoder;
    decoder.feed("a" + blanks, out);
    CHECK_TRUE(out.size() > 4'000);
}

TEST(QuotedPrintable, encodes_lines_of_at_most_76_characters) {
    std::string const text = std::string(200, 'x') + "\xc3\xa9" + std::string(150, '=') + " \r\n\tq\t\r\n.";
    std::string const coded = quoted_printable_encode(text);
    std::size_t begin = 0;
    while (begin < coded.size()) {
        std::size_t const end = std::min(coded.find("\r\n", begin), coded.size());
        CHECK_TRUE(end - begin <= 76);
        begin = end + 2;
    }
    CHECK_TRUE(decoded(coded, 7) == text);
    CHECK_TRUE(coded.ends_with("=20\r\n\tq=09\r\n."));
}

TEST(QuotedPrintable, round_trips_every_octet) {
    std::string bytes;
    for (int i = 0; i < 512; ++i) bytes += static_cast<char>(i * 5);
    CHECK_TRUE(decoded(quoted_printable_encode(bytes), 11) == bytes);
    CHECK_TRUE(decoded(quoted_printable_encode("\r\r\n\n \r\n"), 1) == "\r\r\n\n \r\n");
}

TEST(QuotedPrintable, no_line_begins_with_a_dash) {
    STRCMP_EQUAL("=2D-b\r\na-b\r\n=2D", quoted_printable_encode("--b\r\na-b\r\n-").c_str());
    STRCMP_EQUAL((std::string(75, 'x') + "=\r\n=2D-b").c_str(),
                 quoted_printable_encode(std::string(75, 'x') + "--b").c_str());
}

TEST(QuotedPrintable, encodes_the_same_in_pieces) {
    std::string const bytes = "a \r\n\t\r\n\r=\n" + std::string(76, 'y') + "\r\n" + std::string(77, 'z') + " \xc3\xa9 ";
    for (std::size_t piece : {1, 2, 3, 50}) {
        std::string out;
        QuotedPrintableEncoder encoder;
        for (std::size_t i = 0; i < bytes.size(); i += piece)
            encoder.feed(std::string_view(bytes).substr(i, piece), out);
        encoder.finish(out);
        STRCMP_EQUAL(quoted_printable_encode(bytes).c_str(), out.c_str());
    }
}
