#include "text/percent.h"

#include <CppUTest/TestHarness.h>

#include <string>

using namespace postern::text;

TEST_GROUP(Percent){};

TEST(Percent, decodes_and_encodes) {
    STRCMP_EQUAL("a@b c+d", percent_decode("a%40b%20c+%64")->c_str());
    STRCMP_EQUAL("", percent_decode("")->c_str());
    STRCMP_EQUAL("a%2Bb%40%C3%BC-._~", percent_encode("a+b@\xC3\xBC-._~").c_str());
    STRCMP_EQUAL("a@b", percent_encode("a@b", "@").c_str());
    std::string all;
    for (int octet = 0; octet < 256; ++octet) all += static_cast<char>(octet);
    CHECK(percent_decode(percent_encode(all)) == all);
}

TEST(Percent, what_makes_no_sense_is_told) {
    for (char const* const wrong : {"%", "a%4", "%4g", "%g4", "%%41", "% 1", "%-1"})
        CHECK_FALSE(percent_decode(wrong).has_value());
}
