#include "message/header.h"

#include <CppUTest/TestHarness.h>

namespace header_test {

using namespace postern::message;
using namespace std::string_view_literals;

namespace {

// "name=body;" of each field, as it stands.
std::string fields(std::string_view bytes) {
    std::string out;
    for (Field const& field : HeaderSection(bytes))
        out += std::string(field.name) + "=" + std::string(field.raw_body) + ";";
    return out;
}

} // namespace

TEST_GROUP(Header){};

TEST(Header, lists_fields_as_they_stand) {
    std::string_view const bytes = "From: a@b\r\nSubject: one\r\n two\r\n\tthree\r\nX:\r\n\r\nBody: not a field\r\n";
    STRCMP_EQUAL("From= a@b;Subject= one\r\n two\r\n\tthree;X=;", fields(bytes).c_str());
    auto const subject = HeaderSection(bytes).first("SUBJECT");
    CHECK_TRUE(subject->whole == "Subject: one\r\n two\r\n\tthree\r\n");
    STRCMP_EQUAL("one two\tthree", unfold(subject->raw_body).c_str());
    CHECK_FALSE(HeaderSection(bytes).first("Body").has_value());
}

TEST(Header, finds_the_first_of_several) {
    CHECK_TRUE(HeaderSection("To: 1\r\nto: 2\r\n\r\n").first("TO")->raw_body == " 1");
}

TEST(Header, reads_lines_that_end_in_lf) { STRCMP_EQUAL("A= 1\n 2;B= 3;", fields("A: 1\n 2\nB: 3\n\nC: 4\n").c_str()); }

TEST(Header, takes_blanks_before_the_colon) { STRCMP_EQUAL("Subject= x;", fields("Subject \t: x\r\n\r\n").c_str()); }

TEST(Header, skips_broken_lines_with_their_folds) {
    STRCMP_EQUAL(
        "A= 1;B= 2;",
        fields("From joe Thu Nov 20 21:22:23 1997\r\n folded: x\r\nA: 1\r\nno colon\r\n more\r\n: none\r\nB: 2\r\n")
            .c_str());
    STRCMP_EQUAL("B= 2;", fields(" folded under nothing\r\nB: 2").c_str());
}

TEST(Header, reads_what_is_cut_off) {
    STRCMP_EQUAL("A= 1;", fields("A: 1").c_str());
    STRCMP_EQUAL("A=;", fields("A:").c_str());
    STRCMP_EQUAL("", fields("A").c_str());
    STRCMP_EQUAL("", fields("").c_str());
    STRCMP_EQUAL("", fields("\r\nA: 1\r\n").c_str());
    CHECK_TRUE(HeaderSection("A: 1\r").first("a")->raw_body == " 1");
}

TEST(Header, keeps_8_bit_octets_and_nul) {
    CHECK_TRUE(HeaderSection("A: \xff\0x\r\n"sv).first("A")->raw_body == " \xff\0x"sv);
}

TEST(Header, finds_where_the_section_ends) {
    CHECK_EQUAL(8, header_end("A: 1\r\n\r\nbody"));
    CHECK_EQUAL(6, header_end("A: 1\n\nbody"));
    CHECK_EQUAL(2, header_end("\r\nbody"));
    CHECK_EQUAL(1, header_end("\nbody"));
    CHECK_TRUE(header_end("A: 1\r\n") == std::string_view::npos);
    CHECK_TRUE(header_end("A: 1\r\n\r") == std::string_view::npos);
    CHECK_TRUE(header_end("") == std::string_view::npos);
}

TEST(Header, unfolds_to_one_line) {
    STRCMP_EQUAL("a  b", unfold(" a\r\n  b\r\n").c_str());
    STRCMP_EQUAL("ab", unfold("a\rb").c_str());
    STRCMP_EQUAL("", unfold(" \r\n ").c_str());
}

TEST(Header, counts_hops) {
    CHECK_EQUAL(
        2, count_received(HeaderSection("Received: a\r\nX-Received: b\r\nRECEIVED: c\r\n\td\r\n\r\nReceived: e\r\n")));
}

} // namespace header_test
