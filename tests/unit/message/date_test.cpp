#include "message/date.h"

#include <CppUTest/TestHarness.h>

#include <array>
#include <utility>

namespace date_test {

using namespace postern::message;
using namespace std::chrono;

namespace {

std::string reformatted(std::string_view text) {
    auto const date = parse_date(text);
    return date ? format_date(*date) : "nothing";
}

void check(char const* expected, std::string_view text) { STRCMP_EQUAL(expected, reformatted(text).c_str()); }

} // namespace

TEST_GROUP(Date){};

TEST(Date, reads_the_examples_of_rfc_5322) {
    check("Fri, 21 Nov 1997 09:55:06 -0600", "Fri, 21 Nov 1997 09:55:06 -0600");
    check("Tue, 1 Jul 2003 10:52:37 +0200", "Tue, 1 Jul 2003 10:52:37 +0200");
    check("Thu, 13 Feb 1969 23:32:00 -0330",
          "Thu, 13\r\n  Feb\r\n    1969\r\n  23:32\r\n  -0330 (Newfoundland Time)"); // A.5
    check("Fri, 21 Nov 1997 09:55:06 -0600", "21 Nov 97 09:55:06 -0600");
    check("Fri, 21 Nov 1997 09:55:06 +0000", "21 Nov 97 09:55:06 GMT");                          // A.6.2
    check("Fri, 21 Nov 1997 09:55:06 -0600", "Fri, 21 Nov 1997 09(comment):   55  :  06 -0600"); // A.6.3
}

TEST(Date, tells_utc_and_offset) {
    auto const date = parse_date("Fri, 21 Nov 1997 09:55:06 -0600");
    CHECK_TRUE(date->utc == sys_days(1997y / November / 21) + 15h + 55min + 6s);
    CHECK_TRUE(date->offset == -6h);
}

TEST(Date, knows_the_obsolete_zones) {
    for (auto const& [zone, offset] : std::array<std::pair<char const*, char const*>, 14>{{{"UT", "+0000"},
                                                                                           {"GMT", "+0000"},
                                                                                           {"EST", "-0500"},
                                                                                           {"EDT", "-0400"},
                                                                                           {"cst", "-0600"},
                                                                                           {"CDT", "-0500"},
                                                                                           {"MST", "-0700"},
                                                                                           {"MDT", "-0600"},
                                                                                           {"PST", "-0800"},
                                                                                           {"PDT", "-0700"},
                                                                                           {"Z", "+0000"},
                                                                                           {"A", "+0000"},
                                                                                           {"CEST", "+0000"},
                                                                                           {"", "+0000"}}})
        check((std::string("Fri, 21 Nov 1997 09:55:06 ") + offset).c_str(),
              std::string("21 Nov 1997 09:55:06 ") + zone);
    check("Fri, 21 Nov 1997 09:55:06 +0200", "21 Nov 1997 09:55:06 GMT+0200");
    check("Fri, 21 Nov 1997 09:55:06 +0200", "21 Nov 1997 09:55:06 +02:00");
    check("Fri, 21 Nov 1997 09:55:06 -0600", "21 Nov 1997 09:55:06 -0600 CST");
    check("Fri, 21 Nov 1997 09:55:06 +0000", "21 Nov 1997 09:55:06 +9999");
    check("Fri, 21 Nov 1997 09:55:06 +0000", "21 Nov 1997 09:55:06 -0000");
}

TEST(Date, completes_short_years) {
    check("Fri, 1 Jan 1999 00:00:00 +0000", "1 Jan 99 00:00 +0000");
    check("Sat, 1 Jan 2000 00:00:00 +0000", "1 Jan 00 00:00 +0000");
    check("Fri, 1 Jan 2049 00:00:00 +0000", "1 Jan 49 00:00 +0000");
    check("Sun, 1 Jan 1950 00:00:00 +0000", "1 Jan 50 00:00 +0000");
    check("Sat, 1 Jan 2000 00:00:00 +0000", "1 Jan 100 00:00 +0000");
}

TEST(Date, reads_common_broken_forms) {
    char const* const expected = "Thu, 20 Nov 1997 21:22:23 +0000";
    for (std::string_view text :
         {"Thu Nov 20 21:22:23 1997", "Thu Nov 20 21:22:23 GMT 1997", "1997-11-20T21:22:23Z",
          "1997-11-20 21:22:23 +0000", "20-Nov-1997 21:22:23", "Thursday, 20-Nov-97 21:22:23 GMT",
          "Mon, 20 November 1997 21:22:23", "20Nov1997 21:22:23", "Thu,20 Nov 1997 21:22:23+0000",
          "20 Nov 1997 9:22:23 PM", "1997-11-20T21:22:23.123456Z", "20 Nov 1997 21.22.23",
          "  Thu, 20 Nov 1997 21:22:23 +0000 (unclosed", "Thu, 20 Nov 1997 21:22:23 \"GMT\""})
        check(expected, text);
    check("Thu, 20 Nov 1997 00:05:00 +0000", "20 Nov 1997 12:05 AM");
}

// RFC 9051 §6.4.4 SENTON: the day is the one that is written there.
TEST(Date, takes_a_leap_second) { check("Thu, 31 Dec 1998 23:59:59 +0000", "Thu, 31 Dec 1998 23:59:60 +0000"); }

TEST(Date, gives_nothing_for_what_is_no_date) {
    for (std::string_view text :
         {"", "now", "Fri, 21 Nov 1997", "09:55:06", "31 Feb 1997 09:55", "0 Nov 1997 09:55", "21 Nov 1997 24:00:00",
          "21 Nov 1997 09:60:00", "21 Nov 1997 09:55:61", "99999 Nov 1997 09:55", "21 Foo 1997 09:55",
          "21 Nov 1997 09:555", "(21 Nov 1997 09:55:06)"})
        check("nothing", text);
    CHECK_FALSE(parse_date(std::string(100'000, '(')).has_value());
    CHECK_FALSE(parse_date(std::string(100'000, '1')).has_value());
    CHECK_FALSE(parse_date(std::string(300, ' ') + "21 Nov 1997 09:55:06").has_value());
}

TEST(Date, writes_years_of_four_digits) {
    STRCMP_EQUAL("Tue, 2 Jan 1900 00:00:00 +0000", format_date({sys_days(1y / January / 1), 0min}).c_str());
    STRCMP_EQUAL("Thu, 30 Dec 9999 01:00:00 +0100", format_date({sys_days(20000y / January / 1), 60min}).c_str());
    STRCMP_EQUAL("Wed, 31 Dec 1969 23:30:00 -0030", format_date({sys_seconds{}, -30min}).c_str());
}

} // namespace date_test
