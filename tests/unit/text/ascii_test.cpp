#include "text/ascii.h"

#include <CppUTest/TestHarness.h>

using namespace postern::text;

TEST_GROUP(Ascii){};

TEST(Ascii, folds_letters_and_nothing_else) {
    for (int i = 0; i < 256; ++i) {
        auto const c = static_cast<char>(i);
        CHECK_EQUAL(i >= 'A' && i <= 'Z' ? i + 32 : i, static_cast<unsigned char>(to_lower(c)));
    }
    CHECK_TRUE(iequals("Content-TYPE", "content-type"));
    CHECK_FALSE(iequals("@", "`")); // 32 apart as letters are
    CHECK_FALSE(iequals("\xc0", "\xe0"));
    CHECK_FALSE(iequals("a", "ab"));
    CHECK_TRUE(istarts_with("IPv6:::1", "ipv6:"));
    CHECK_FALSE(istarts_with("IP", "ipv6:"));
}

TEST(Ascii, counts_as_atext_what_rfc_5322_lists) {
    std::string atext;
    for (int i = 0; i < 256; ++i)
        if (is_atext(static_cast<char>(i))) atext += static_cast<char>(i);
    STRCMP_EQUAL("!#$%&'*+-/0123456789=?ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz{|}~", atext.c_str());
}

TEST(Ascii, trims_white_space_at_both_ends) {
    CHECK_TRUE(trim(" \t\r\n a b\r\n ") == "a b");
    CHECK_TRUE(trim(" \r\n").empty());
}
