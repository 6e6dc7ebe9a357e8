#include "text/utf7.h"

#include <CppUTest/TestHarness.h>

#include <array>
#include <utility>

using namespace postern::text;

TEST_GROUP(Utf7){};

TEST(Utf7, decodes_and_encodes_canonical_names) {
    std::array<std::pair<std::string_view, std::string_view>, 8> const names = {{
        {"", ""},
        {"INBOX", "INBOX"},
        {"Entw&APw-rfe", "Entw\xc3\xbcrfe"},
        {"R&-D", "R&D"},
        {"&-&-", "&&"},
        // RFC 3501 §5.1.3's example
        {"~peter/mail/&U,BTFw-/&ZeVnLIqe-",
         "~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"},
        {"&2D3eAA-", "\xf0\x9f\x98\x80"},
        {"&AOk--&AOk-", "\xc3\xa9-\xc3\xa9"},
    }};
    for (auto const& [wire, utf8] : names) {
        CHECK_TRUE(utf7_decode(wire) == utf8);
        CHECK_TRUE(utf7_encode(utf8) == wire);
    }
}

TEST(Utf7, refuses_other_spellings_of_the_same_name) {
    for (std::string_view bad : {
             "&Jjo!",              // RFC 3501 §5.1.3: not modified base64, never closed
             "&U,BTFw-&ZeVnLIqe-", // its other example: a superfluous shift
             "&AGE-",              // "a" within a shift
             "&ACY-",              // "&" within a shift
             "&AOk",               // never closed
             "&AOl-",              // padding bits that are not zero
             "&AOkA-",             // too many digits
             "&AO-",               // too few
             "&2D0-",              // half a surrogate pair
             "&3gA-",              // the other half
             "&AOk=-",             // padding
             "\xc3\xa9",           // raw UTF-8
             "tab\there",          // a control
             "&U/BTFw-",           // "/" is not of the alphabet
             "&",                  // alone
         })
        CHECK_FALSE(utf7_decode(bad).has_value());
}

TEST(Utf7, encodes_broken_utf8_as_the_replacement_character) { CHECK_TRUE(utf7_encode("a\xff") == "a&,,0-"); }

TEST(Utf7, closes_a_shift_before_ascii_and_at_the_end) {
    CHECK_TRUE(utf7_encode("\xc3\xa9&\xc3\xa9") == "&AOk-&-&AOk-");
    CHECK_TRUE(utf7_decode("&AOk-&-&AOk-") == "\xc3\xa9&\xc3\xa9");
    CHECK_TRUE(utf7_encode("\x7f") == "&AH8-");
}
