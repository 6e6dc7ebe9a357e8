#include "message/encoded_word.h"
#include "text/utf8.h"

#include <CppUTest/TestHarness.h>

namespace encoded_word_test {

using namespace postern::message;

namespace {

void check(char const* expected, std::string_view raw) { STRCMP_EQUAL(expected, decode_words(raw).c_str()); }

} // namespace

TEST_GROUP(EncodedWord){};

TEST(EncodedWord, decodes_the_examples_of_rfc_2047) {
    check("Keith Moore <moore@cs.utk.edu>", "=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>");
    check("Keld J\u00f8rn Simonsen <keld@dkuug.dk>", "=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?= <keld@dkuug.dk>");
    check("Andr\u00e9 Pirard", "=?ISO-8859-1?Q?Andr=E9?= Pirard");
    check(
        "If you can read this you understand the example.",
        "=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=");
    // §8's table
    check("(a)", "(=?ISO-8859-1?Q?a?=)");
    check("(a b)", "(=?ISO-8859-1?Q?a?= b)");
    check("(ab)", "(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)");
    check("(ab)", "(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)");
    check("(ab)", "(=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=)");
    check("(a b)", "(=?ISO-8859-1?Q?a_b?=)");
    check("(a b)", "(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)");
}

TEST(EncodedWord, takes_a_language_as_rfc_2231_writes_it) { check("Keith Moore", "=?US-ASCII*EN?Q?Keith_Moore?="); }

TEST(EncodedWord, puts_characters_together_that_were_split) {
    check("\u00fc\u00fc", "=?utf-8?Q?=C3?= =?UTF-8?Q?=BC=C3?= =?utf-8?B?vA==?=");
    check("\u65e5\u672c", "=?iso-2022-jp?B?GyRCRnwbKEI=?= =?iso-2022-jp?B?GyRCS1wbKEI=?=");
    check("\ufffdx", "=?utf-8?Q?=C3?=x");
}

TEST(EncodedWord, decodes_wherever_a_word_stands) {
    check("\"J\u00f8\" x", "\"=?utf-8?Q?J=C3=B8?=\" x");
    check("a\u00f8b", "a=?utf-8?Q?=C3=B8?=b");
    check("a b", "=?utf-8?q?a b?=");
    check("a?b", "=?utf-8?q?a?b?=");
    check("Re: \u00f8", "Re: =?utf-8?q?=C3=B8?=");
}

TEST(EncodedWord, leaves_what_is_none) {
    for (char const* s : {"=?", "=??q?a?=", "=?utf-8?q?a", "=?utf-8?x?a?=", "=?utf-8?q",
                          "=?utf-8?qq?a?=", "=?a b?q?c?=", "?=", "=?=?=", "1 =? 2 ?= 3"})
        check(s, s);
    check("", "=?utf-8?q?"
              "?=");
    check("=Z =4", "=?utf-8?q?=Z_=4?=");
}

TEST(EncodedWord, reads_raw_octets_as_utf8_or_windows_1252) {
    check("caf\u00e9", "caf\xc3\xa9");
    check("caf\u00e9 \u20ac", "caf\xe9 \x80");
    check("caf\u00e9 \u00f8", "caf\xe9 =?utf-8?q?=C3=B8?=");
}

TEST(EncodedWord, drops_line_ends) { check("a b", "a\r\n b"); }

TEST(EncodedWord, takes_linear_time_whatever_it_is_given) {
    std::string spaced;
    std::string endless;
    for (int i = 0; i < 100'000; ++i) {
        spaced += "=? ";
        endless += "=?a?q?x";
    }
    CHECK_TRUE(decode_words(spaced + "?=") == spaced + "?=");
    CHECK_TRUE(decode_words(endless) == endless);
}

TEST(EncodedWord, leaves_plain_ascii_unencoded) {
    STRCMP_EQUAL("Hello, World!", encode_words("Hello, World!").c_str());
    STRCMP_EQUAL("", encode_words("").c_str());
}

TEST(EncodedWord, chooses_q_where_it_can_be_read) {
    STRCMP_EQUAL("=?UTF-8?Q?Keld_J=C3=B8rn_Simonsen?=", encode_words("Keld J\u00f8rn Simonsen").c_str());
    STRCMP_EQUAL("=?UTF-8?B?5pel5pys?=", encode_words("\u65e5\u672c").c_str());
}

TEST(EncodedWord, is_decoded_to_what_was_encoded) {
    std::string long_text;
    for (int i = 0; i < 50; ++i) long_text += "\u65e5x\u00f8 \U0001f600";
    for (std::string const& text :
         {std::string("J\u00f8rn"), std::string("=?utf-8?q?a?="), long_text, std::string("tab\there \u00f8"),
          std::string("a  b \u00f8 "), std::string(500, '\x01'), std::string("ends in \u00f8=")}) {
        std::string const encoded = encode_words(text);
        STRCMP_EQUAL(text.c_str(), decode_words(encoded).c_str());
        std::size_t begin = 0;
        while (begin < encoded.size()) {
            std::size_t const end = std::min(encoded.find(' ', begin), encoded.size());
            CHECK_TRUE(end - begin <= 75);
            begin = end + 1;
        }
    }
}

} // namespace encoded_word_test
