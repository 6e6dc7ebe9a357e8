#include "wire/dns_name.h"

#include <CppUTest/TestHarness.h>

#include <string>

namespace dns_name_test {

using postern::wire::dns::Name;
using namespace std::string_literals;

namespace {

Name name(std::string_view written) {
    auto const parsed = Name::parse(written);
    CHECK_TEXT(parsed.has_value(), std::string(written).c_str());
    return parsed.value_or(Name());
}

} // namespace

TEST_GROUP(DnsName){};

TEST(DnsName, is_labels_after_their_lengths) {
    CHECK(name("F.ISI.ARPA").wire() == "\1F\3ISI\4ARPA");
    CHECK(name("F.ISI.ARPA.").wire() == "\1F\3ISI\4ARPA");
    CHECK(name(".").wire().empty());
    STRCMP_EQUAL("F.ISI.ARPA", name("F.ISI.ARPA").text().c_str());
    STRCMP_EQUAL(".", Name().text().c_str());
}

// RFC 4343 §2.1, with its example of Donald E. Eastlake
TEST(DnsName, writes_what_would_be_taken_for_something_else_with_an_escape) {
    STRCMP_EQUAL("Donald\\032E\\.\\032Eastlake\\0323rd.example",
                 name("Donald\\032E\\.\\032Eastlake\\0323rd.example").text().c_str());
    CHECK(name("a\\000\\\\\\255z").wire() == "\5a\0\\\xffz"s);
    STRCMP_EQUAL("a\\000\\\\\\255z", name("a\\000\\\\\\255z").text().c_str());
    CHECK(name("\\a") == name("a"));
}

// RFC 4343 §3
TEST(DnsName, compares_without_regard_to_case_and_keeps_it) {
    CHECK(name("Foo.ExamPLE") == name("fOO.eXAMple"));
    CHECK((name("a.B") <=> name("A.c")) < 0);
    CHECK(name("a.b") != name("ab"));
    CHECK(name("a\\.b") != name("a.b"));
    CHECK(name("\xc3\x84") != name("\xc3\xa4")); // letters of ASCII alone
    STRCMP_EQUAL("Foo.ExamPLE", name("Foo.ExamPLE").text().c_str());
}

TEST(DnsName, knows_what_lies_below_what) {
    CHECK(name("localhost").is_within(name("LOCALHOST")));
    CHECK(name("db.Localhost").is_within(name("localhost")));
    CHECK(name("db.localhost").is_within(Name()));
    CHECK_FALSE(name("localhost").is_within(name("db.localhost")));
    CHECK_FALSE(name("notlocalhost").is_within(name("localhost")));
    CHECK_FALSE(name("localhost.example").is_within(name("localhost")));
}

// RFC 1035 §2.3.4
TEST(DnsName, keeps_within_the_limits) {
    std::string const label(63, 'x');
    CHECK(Name::parse(label).has_value());
    CHECK_FALSE(Name::parse(label + "x").has_value());
    std::string const longest = label + "." + label + "." + label + "." + std::string(61, 'x');
    LONGS_EQUAL(Name::longest - 1, name(longest).wire().size()); // and the root's label
    CHECK_FALSE(Name::parse(longest + "x").has_value());
    CHECK_FALSE(Name::parse(longest + ".x").has_value());
}

TEST(DnsName, refuses_what_is_no_name) {
    for (std::string_view written : {"", "..", ".a", "a..b", "a..", "\\", "\\1", "\\25", "\\256", "\\25x"})
        CHECK_FALSE_TEXT(Name::parse(written).has_value(), std::string(written).c_str());
}

} // namespace dns_name_test
