#include "message/seven_bit.h"

#include <CppUTest/TestHarness.h>

#include <format>
#include <string>
#include <string_view>

namespace seven_bit_test {

using namespace postern;
using namespace postern::message;
using namespace std::string_view_literals;
using Verdict = SevenBitPlan::Verdict;

namespace {

SevenBitPlan planned(std::string_view message, std::size_t piece) {
    StructureParser parser;
    parser.feed(message);
    std::string const structure = encode(parser.finish());
    SevenBitPlan plan(decode_structure(structure).value());
    for (std::size_t i = 0; i < message.size(); i += piece) plan.feed(message.substr(i, piece));
    return plan;
}

std::string converted(std::string_view message, std::size_t piece) {
    SevenBitPlan const plan = planned(message, piece);
    SevenBitConversion conversion(plan);
    std::string out;
    for (std::size_t i = 0; i < message.size(); i += piece) conversion.feed(message.substr(i, piece), out);
    LONGS_EQUAL(out.size(), plan.size());
    return out;
}

void becomes(std::string_view expected, std::string_view message) {
    for (std::size_t const piece : {std::size_t{1}, std::size_t{7}, std::size_t{100'000}}) {
        CHECK_TRUE(planned(message, piece).verdict() == Verdict::to_convert);
        STRCMP_EQUAL(std::string(expected).c_str(), converted(message, piece).c_str());
    }
    CHECK_TRUE(planned(expected, 100).verdict() == Verdict::as_it_is);
}

void stays(std::string_view message) {
    for (std::size_t const piece : {std::size_t{1}, std::size_t{7}, std::size_t{100'000}}) {
        SevenBitPlan const plan = planned(message, piece);
        CHECK_TRUE(plan.verdict() == Verdict::as_it_is);
        LONGS_EQUAL(message.size(), plan.size());
    }
}

void is_impossible(std::string_view message) { CHECK_TRUE(planned(message, 3).verdict() == Verdict::impossible); }

constexpr std::string_view text_header = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n";

std::string text(std::string_view encoding, std::string_view body) {
    return std::format("{}Content-Transfer-Encoding: {}\r\n\r\n{}", text_header, encoding, body);
}

} // namespace

TEST_GROUP(SevenBit){};

TEST(SevenBit, a_message_of_7bit_data_stays_whatever_its_labels_say) {
    stays("");
    stays("Subject: a\r\n\r\nb\r\n");
    stays(text("8bit", "plain\r\n"));
    stays(text("BINARY", std::string(998, 'x') + "\r\n"));
    stays(text("base64", "w6Q=\r\n"));
    stays("Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: "
          "8bit\r\n\r\n--b\r\n\r\na\r\n--b--\r\n");
}

TEST(SevenBit, text_becomes_quoted_printable_where_that_is_shorter) {
    becomes(text("quoted-printable", "Gr=C3=BC=C3=9Fe aus K=C3=B6ln, wie immer\r\n"),
            text("8bit", "Grüße aus Köln, wie immer\r\n"));
}

TEST(SevenBit, text_beyond_latin_becomes_base64) {
    becomes(text("base64", "0J/RgNC40LLQtdGCDQo=\r\n"), text("8bit", "Привет\r\n"));
}

TEST(SevenBit, a_wrong_label_or_none_does_not_matter) {
    std::string const expected = text("quoted-printable", "caf=C3=A9 au lait\r\n");
    becomes(expected, text("7bit", "café au lait\r\n"));
    becomes(expected, text("utf-8", "café au lait\r\n"));
    becomes(expected, text("8bit\r\nContent-Transfer-Encoding: 7bit", "café au lait\r\n"));
    becomes(expected, std::string(text_header) + "\r\ncafé au lait\r\n");
}

// RFC 2045 §4
TEST(SevenBit, a_message_that_was_no_mime_says_that_it_is_now) {
    becomes(
        "Subject: a\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ncaf=C3=A9 au lait\r\n",
        "Subject: a\r\n\r\ncafé au lait\r\n");
}

TEST(SevenBit, what_is_no_text_becomes_base64) {
    becomes(
        "MIME-Version: 1.0\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n",
        "MIME-Version: 1.0\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n\x89PNG\r\n\x1a\n");
}

TEST(SevenBit, text_with_octets_that_are_no_lines_becomes_base64) {
    becomes(text("base64", "YQpi\r\n"), text("binary", "a\nb"));
    becomes(text("base64", "YQ1i\r\n"), text("7bit", "a\rb"));
    becomes(text("base64", "YQ0=\r\n"), text("7bit", "a\r"));
    becomes(text("base64", "YQBi\r\n"), text("7bit", "a\0b"sv));
}

TEST(SevenBit, lines_too_long_are_broken) {
    std::string const line(999, 'x');
    std::string broken;
    for (std::size_t i = 0; i < line.size(); i += 75)
        broken += line.substr(i, 75) + (i + 75 < line.size() ? "=\r\n" : "\r\n");
    becomes(text("quoted-printable", broken), text("7bit", line + "\r\n"));
    std::string const coded = converted(text("base64", std::string(2'000, 'A')), 10);
    for (std::size_t at = 0, end = 0; (end = coded.find("\r\n", at)) != std::string::npos; at = end + 2)
        CHECK_TRUE(end - at <= 76);
    CHECK_TRUE(planned(coded, 10).verdict() == Verdict::as_it_is);
}

TEST(SevenBit, what_is_encoded_badly_is_encoded_anew) {
    becomes(text("quoted-printable", "caf=C3=A9, th=C3=A9 au lait, sucre\r\n"),
            text("Quoted-Printable", "caf=C3=A9, thé au lait, sucre\r\n"));
    becomes(text("base64", "w6TDpMOk\r\n"), text("base64", "w6TD\xffpMOk\r\n"));
}

// RFC 2045 §6.4
TEST(SevenBit, composite_parts_change_their_label_alone) {
    becomes("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
            "preamble\r\n"
            "--b\r\n\r\n8bit, says nobody\r\n"
            "--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>caf=C3=A9</p>\r\n"
            "--b\r\nContent-Transfer-Encoding: 7bit\r\n\r\nplain\r\n"
            "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
            "Subject: inner\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
            "th=C3=A9 au lait\r\n"
            "--b--\r\nepilogue\r\n",
            "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 8BIT\r\n\r\n"
            "preamble\r\n"
            "--b\r\n\r\n8bit, says nobody\r\n"
            "--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<p>café</p>\r\n"
            "--b\r\nContent-Transfer-Encoding: binary\r\n\r\nplain\r\n"
            "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: binary\r\n\r\n"
            "Subject: inner\r\n\r\nthé au lait\r\n"
            "--b--\r\nepilogue\r\n");
}

TEST(SevenBit, encoding_makes_no_line_a_delimiter) {
    std::string const long_line = std::string(75, 'x') + "--b is no delimiter here, é";
    becomes("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n" +
                std::string(75, 'x') + "=\r\n=2D-b is no delimiter here, =C3=A9\r\n--b--\r\n",
            "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n" + long_line +
                "\r\n--b--\r\n");
}

// RFC 6532 §3.7
TEST(SevenBit, message_global_is_encoded_whole) {
    becomes("MIME-Version: 1.0\r\nContent-Type: message/global\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            "U3ViamVjdDogw6QNCg0KeA0K\r\n",
            "MIME-Version: 1.0\r\nContent-Type: message/global\r\n\r\nSubject: ä\r\n\r\nx\r\n");
}

TEST(SevenBit, headers_beyond_ascii_become_their_surrogates) {
    becomes("Subject: =?UTF-8?B?w6Q=?=\r\n\r\nplain\r\n", "Subject: ä\r\n\r\nplain\r\n");
    becomes("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
            "Content-Type: application/pdf; name*=utf-8''%C3%A4.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            "AAAA\r\n--b--\r\n",
            "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
            "Content-Type: application/pdf; name=\"ä.pdf\"\r\nContent-Transfer-Encoding: base64 (ä)\r\n\r\n"
            "AAAA\r\n--b--\r\n");
}

TEST(SevenBit, what_nobody_is_shown_loses_what_is_beyond_ascii) {
    becomes("Content-Type: multipart/mixed; boundary=b\r\n\r\npr??ambule\r\n--b\r\n\r\na\r\n--b--\r\n?? - ??\r\n",
            "Content-Type: multipart/mixed; boundary=b\r\n\r\npréambule\r\n--b\r\n\r\na\r\n--b--\r\né - é\r\n");
}

TEST(SevenBit, some_messages_cannot_be_converted) {
    is_impossible("Content-Type: multipart/mixed; boundary=\"é\"\r\n\r\n--é\r\n\r\na\r\n--é--\r\n");
    is_impossible("Content-Type: multipart/mixed\r\n\r\né\r\n");
    is_impossible("Content-Type: message/partial; id=a; number=1\r\n\r\né\r\n");
    is_impossible("Content-Type: multipart/é; boundary=b\r\n\r\n--b\r\n\r\na\r\n--b--\r\n");
    is_impossible("Subject: a\n\nb\n");
    is_impossible("Subject: a\0b\r\n\r\nb\r\n"sv);
    std::string const many_fields = "X: " + std::string(300'000, 'x') + "\r\n\r\n";
    is_impossible(many_fields + "é\r\n");
    stays(many_fields + "e\r\n");
}

} // namespace seven_bit_test
