#include "text/saslprep.h"

#include <CppUTest/TestHarness.h>

using namespace postern::text;
using namespace std::string_view_literals;

TEST_GROUP(Saslprep){};

TEST(Saslprep, does_the_examples_of_rfc_4013) {
    CHECK_TRUE(saslprep("I\u00adX") == "IX");        // soft hyphen mapped to nothing
    CHECK_TRUE(saslprep("user") == "user");          // no transformation
    CHECK_TRUE(saslprep("USER") == "USER");          // case preserved
    CHECK_TRUE(saslprep("\u00aa") == "a");           // output is NFKC
    CHECK_TRUE(saslprep("\u2168") == "IX");          // output is NFKC
    CHECK_FALSE(saslprep("\x07").has_value());       // prohibited character
    CHECK_FALSE(saslprep("\u0627\x31").has_value()); // bidirectional check
}

TEST(Saslprep, maps_other_spaces_to_a_space) { CHECK_TRUE(saslprep("a\u00a0b\u3000c") == "a b c"); }

TEST(Saslprep, allows_right_to_left_text_that_keeps_to_itself) {
    CHECK_TRUE(saslprep("\u0627\u0628").has_value());
    CHECK_TRUE(saslprep("\u0627\x31\u0628").has_value());
    CHECK_FALSE(saslprep("\u0627x\u0628").has_value());
}

TEST(Saslprep, refuses_prohibited_characters) {
    for (char const* bad :
         {"\x7f", "\u0085", "\u2028", "\ue000", "\ufdd0", "\U0001fffe", "\u2ff0", "\u200e", "\U000e0001", "\ufffd"})
        CHECK_FALSE_TEXT(saslprep(bad).has_value(), bad);
    CHECK_FALSE(saslprep("a\0"sv).has_value());
    CHECK_FALSE(saslprep("\xff").has_value());
}

TEST(Saslprep, keeps_the_empty_string) { CHECK_TRUE(saslprep("") == ""); }
