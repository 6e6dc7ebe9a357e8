#include "text/idn.h"

#include <CppUTest/TestHarness.h>

using namespace postern::text;
using namespace std::string_view_literals;

TEST_GROUP(Idn){};

TEST(Idn, lowers_plain_names) {
    CHECK_TRUE(domain_to_ascii("Mail.Example.ORG") == "mail.example.org");
    CHECK_TRUE(domain_to_ascii("example.org.") == "example.org");
    CHECK_TRUE(domain_to_ascii("scan_room2.lan") == "scan_room2.lan");
    CHECK_TRUE(domain_to_ascii("localhost") == "localhost");
    CHECK_TRUE(domain_to_ascii("XN--BCHER-KVA.example") == "xn--bcher-kva.example");
}

TEST(Idn, converts_u_labels) {
    CHECK_TRUE(domain_to_ascii("B\u00fccher.example") == "xn--bcher-kva.example");
    CHECK_TRUE(domain_to_ascii("stra\u00dfe.de") == "xn--strae-oqa.de"); // non-transitional: not strasse.de
    CHECK_TRUE(domain_to_ascii("\u4f8b\u3048.\u30c6\u30b9\u30c8") == "xn--r8jz45g.xn--zckzah");
    CHECK_TRUE(domain_to_ascii("b\u00fccher\u3002example") ==
               "xn--bcher-kva.example"); // UTS #46: ideographic full stop
}

TEST(Idn, refuses_what_is_no_name) {
    for (std::string_view bad :
         {"", ".", "a..b", ".a", "-a.org", "a-.org", "a b.org", "a@b", "\xff.org", "a/b", "\u2603\u00ad\u2028.org"})
        CHECK_FALSE(domain_to_ascii(bad).has_value());
    CHECK_FALSE(domain_to_ascii("a\0b"sv).has_value());
    CHECK_FALSE(domain_to_ascii(std::string(64, 'a') + ".org").has_value());
    CHECK_TRUE(domain_to_ascii(std::string(63, 'a') + ".org").has_value());
    std::string long_name = "a";
    while (long_name.size() <= 253) long_name += ".a";
    CHECK_FALSE(domain_to_ascii(long_name).has_value());
}

TEST(Idn, shows_u_labels_to_people) {
    STRCMP_EQUAL("b\u00fccher.example", domain_to_unicode("xn--bcher-kva.example").c_str());
    STRCMP_EQUAL("example.org", domain_to_unicode("example.org").c_str());
    STRCMP_EQUAL("", domain_to_unicode("").c_str());
}

TEST(Idn, leaves_labels_that_stand_for_nothing) { STRCMP_EQUAL("xn--0.org", domain_to_unicode("xn--0.org").c_str()); }
