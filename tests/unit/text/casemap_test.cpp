#include "text/casemap.h"

#include <CppUTest/TestHarness.h>

using namespace postern::text;

TEST_GROUP(Casemap){};

TEST(Casemap, ignores_case) {
    CHECK_TRUE(casemap("Hello, World 42") == casemap("hELLO, wORLD 42"));
    CHECK_TRUE(casemap("\u0416\u0423\u041a") == casemap("\u0436\u0443\u043a"));
    CHECK_TRUE(casemap("\u0391\u03a9") == casemap("\u03b1\u03c9"));
    CHECK_FALSE(casemap("a") == casemap("b"));
}

TEST(Casemap, ignores_how_a_character_is_composed) {
    CHECK_TRUE(casemap("\u00e9") == casemap("E\u0301"));
    CHECK_TRUE(casemap("\uff21") == casemap("a")); // full-width A
    CHECK_TRUE(casemap("\ufb01n") == casemap("\ufb01N"));
}

TEST(Casemap, maps_the_digraph_of_rfc_5051_through_title_case) {
    // U+01C4, U+01C5 and U+01C6 all have the title case U+01C5, which decomposes to D, z, caron.
    for (char const* dz : {"\u01c4", "\u01c5", "\u01c6"}) STRCMP_EQUAL("Dz\u030c", casemap(dz).c_str());
}

TEST(Casemap, lets_a_part_be_found_in_the_whole) {
    CHECK_TRUE(casemap("un caf\u00e9 cr\u00e8me").contains(casemap("CAF\u00c9")));
    CHECK_TRUE(casemap("caf\u00e9").contains(casemap("cafe"))); // diacritics sort with their base letter (RFC 5051 §1)
}

TEST(Casemap, reads_broken_utf8_as_the_replacement_character) {
    STRCMP_EQUAL("A\ufffd\ufffd", casemap("a\xff\xc3").c_str());
    STRCMP_EQUAL("", casemap("").c_str());
}

TEST(Casemap, grows_elevenfold_at_most) {
    std::string worst;
    for (int i = 0; i < 1'000; ++i) worst += "\ufdfa";
    CHECK_EQUAL(11 * worst.size(), casemap(worst).size());
}
