#include "text/utf8.h"

#include <CppUTest/TestHarness.h>

using namespace postern::text;

TEST_GROUP(Utf8){};

TEST(Utf8, accepts_the_examples_of_rfc_3629) {
    CHECK_TRUE(is_utf8("\x41\xe2\x89\xa2\xce\x91\x2e"));
    CHECK_TRUE(is_utf8("\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4"));
    CHECK_TRUE(is_utf8("\xef\xbb\xbf\xf0\xa3\x8e\xb4"));
    CHECK_TRUE(is_utf8(""));
}

TEST(Utf8, accepts_the_first_and_last_of_every_length) {
    for (std::string_view s : {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                               "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
        CHECK_TRUE(is_utf8(s));
}

TEST(Utf8, refuses_overlong_forms_surrogates_and_what_is_too_large) {
    for (std::string_view s :
         {"\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\x80", "\xe2\x82", "\xc3"})
        CHECK_FALSE(is_utf8(s));
    CHECK_FALSE(is_utf8("a long run of ASCII and then \xc3"));
}

TEST(Utf8, replaces_each_maximal_broken_piece_once) {
    // Unicode §3.9, table 3-8
    CHECK_TRUE(to_valid_utf8("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41") ==
               "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\x41");
    // table 3-11
    CHECK_TRUE(to_valid_utf8("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41") ==
               "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\x41");
    CHECK_TRUE(to_valid_utf8("fine \xc3\xa9") == "fine \xc3\xa9");
}

TEST(Utf8, what_others_wrote_becomes_one_line_of_whole_characters) {
    CHECK_TRUE(one_line("a\r\nb\tc\x7f", 100) == "a  b c ");
    CHECK_TRUE(one_line("fine \xc3\xa9", 7) == "fine \xc3\xa9");
    CHECK_TRUE(one_line("fine \xc3\xa9", 6) == "fine ");
    CHECK_TRUE(one_line("\xff\xff", 100) == "\xef\xbf\xbd\xef\xbf\xbd");
    CHECK_TRUE(one_line("\xff\xff", 2).empty()); // what stands for it has three octets
    CHECK_TRUE(one_line("", 100).empty());
}

TEST(Utf8, writes_what_it_reads) {
    for (char32_t c : {0x0U, 0x7fU, 0x80U, 0x7ffU, 0x800U, 0xffffU, 0x10000U, 0x10ffffU}) {
        std::string s;
        append_utf8(s, c);
        CHECK_TRUE(utf8_front(s).character == c);
        CHECK_EQUAL(s.size(), utf8_front(s).length);
    }
    std::string s;
    append_utf8(s, 0xd800);
    append_utf8(s, 0x110000);
    CHECK_TRUE(s == "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(Utf8, finds_where_ascii_ends_at_any_alignment) {
    for (std::size_t n = 0; n < 40; ++n) {
        std::string const ascii(n, 'a');
        CHECK_EQUAL(n, ascii_prefix(ascii + "\xc3\xa9" + ascii));
        CHECK_TRUE(is_ascii(ascii));
        CHECK_FALSE(is_ascii(ascii + '\x80'));
    }
}
