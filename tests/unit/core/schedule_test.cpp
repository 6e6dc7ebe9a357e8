#include "core/schedule.h"

#include <CppUTest/TestHarness.h>

namespace schedule_test {

using namespace postern::core;
using namespace std::chrono;

namespace {

// Of the week that began on Monday, 2 November 2026.
WallTime at(unsigned weekday, unsigned hour, unsigned minute = 0) {
    return sys_days(2026y / November / 2) + days(weekday) + hours(hour) + minutes(minute);
}
constexpr unsigned monday = 0, tuesday = 1, friday = 4, saturday = 5, sunday = 6;

Schedule parse(std::string_view written) {
    auto schedule = Schedule::parse(written);
    if (!schedule) FAIL(schedule.error().c_str());
    return *schedule;
}

} // namespace

TEST_GROUP(Schedule){};

TEST(Schedule, nothing_written_is_always) {
    CHECK(parse("").contains(at(sunday, 3)));
    CHECK(parse("  ").contains(at(sunday, 3)));
    CHECK(!parse("").until_change(at(sunday, 3)));
}

TEST(Schedule, hours_of_some_days) {
    auto const schedule = parse("mon-fri 08:00-18:00, Sat 9:00-12:30");
    CHECK(!schedule.contains(at(monday, 7, 59)));
    CHECK(schedule.contains(at(monday, 8)));
    CHECK(schedule.contains(at(friday, 17, 59)));
    CHECK(!schedule.contains(at(friday, 18)));
    CHECK(schedule.contains(at(saturday, 12, 29)));
    CHECK(!schedule.contains(at(saturday, 12, 30)));
    CHECK(!schedule.contains(at(sunday, 10)));
}

TEST(Schedule, hours_of_every_day_that_go_past_midnight) {
    auto const schedule = parse("22:00-06:00");
    CHECK(schedule.contains(at(monday, 0)));
    CHECK(schedule.contains(at(monday, 5, 59)));
    CHECK(!schedule.contains(at(monday, 6)));
    CHECK(schedule.contains(at(sunday, 23)));
}

TEST(Schedule, the_night_after_the_last_day_belongs_to_it) {
    auto const schedule = parse("sun 22:00-06:00");
    CHECK(schedule.contains(at(monday, 3)));
    CHECK(!schedule.contains(at(tuesday, 3)));
}

TEST(Schedule, days_may_go_past_the_end_of_the_week) {
    auto const schedule = parse("sat-mon 0:00-24:00");
    CHECK(schedule.contains(at(saturday, 0)));
    CHECK(schedule.contains(at(monday, 23, 59)));
    CHECK(!schedule.contains(at(tuesday, 0)));
}

TEST(Schedule, it_says_when_it_changes) {
    auto const schedule = parse("mon-fri 08:00-18:00");
    CHECK(schedule.until_change(at(monday, 7, 59)) == minutes(1));
    CHECK(schedule.until_change(at(monday, 7, 59) + 20s) == 40s);
    CHECK(schedule.until_change(at(friday, 18)) == days(2) + hours(14));
    CHECK(schedule.until_change(at(friday, 17)) == hours(1));
}

TEST(Schedule, what_makes_no_sense_is_named) {
    for (auto const* written :
         {"8-18", "mon", "mon 8:00", "mon 8:00-25:00", "mon 8:60-9:00", "24:30-25:00", "xyz 8:00-9:00",
          "mon- 8:00-9:00", "8:00-8:00", "mon 8:00-9:00,", ",", "8:00-9:0", "mon 8:00 -9:00x"}) {
        auto const schedule = Schedule::parse(written);
        CHECK_TEXT(!schedule, written);
        STRCMP_CONTAINS("no window of time", schedule.error().c_str());
    }
}

} // namespace schedule_test
