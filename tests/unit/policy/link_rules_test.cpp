#include "policy/link_rules.h"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::policy;
using namespace std::chrono;
using core::WallTime;
using Why = LinkLeave::Why;

namespace {

constexpr WallTime noon = sys_days(2026y / November / 30) + hours(12); // a Monday
constexpr auto any = std::numeric_limits<std::uint64_t>::max();

} // namespace

TEST_GROUP(LinkRules) {
    LinkRules rules{.hold = false, .schedule = *core::Schedule::parse(""), .large = 64 * 1024};
    LinkUsage usage;

    void setup() override { usage.roll(noon); }
};

TEST(LinkRules, without_any_all_may_go) {
    usage.count(1'000'000);
    auto const given = leave(rules, usage, noon, true);
    CHECK(given.open() && given.largest == any);
}

TEST(LinkRules, what_is_held_opens_by_hand_alone) {
    rules.hold = true;
    auto const given = leave(rules, usage, noon, false);
    CHECK(given.why == Why::held && !given.changes_in);
}

TEST(LinkRules, out_of_hours_it_says_how_long) {
    rules.schedule = *core::Schedule::parse("13:00-14:00");
    auto const given = leave(rules, usage, noon, false);
    CHECK(given.why == Why::schedule && given.changes_in == hours(1));
    auto const later = leave(rules, usage, noon + hours(1), false);
    CHECK(later.open() && later.changes_in == hours(1));
}

TEST(LinkRules, a_budget_leaves_what_was_not_used) {
    rules.day_budget = 1000;
    rules.month_budget = 5000;
    usage.count(400);
    UNSIGNED_LONGS_EQUAL(600, leave(rules, usage, noon, true).largest);
    usage.count(600);
    auto const given = leave(rules, usage, noon, true);
    CHECK(given.why == Why::budget && given.changes_in == hours(12));
    CHECK(leave(rules, usage, noon, false).open()); // by another link
}

TEST(LinkRules, the_months_budget_returns_with_the_next_month) {
    rules.month_budget = 1000;
    usage.count(5000);
    CHECK(leave(rules, usage, noon, true).changes_in == hours(12)); // it is the last day
    WallTime const begin = sys_days(2026y / December / 1);
    LinkUsage december = usage;
    december.roll(begin);
    CHECK(leave(rules, december, begin, true).open());
    december.count(1000);
    CHECK(leave(rules, december, begin + hours(1), true).changes_in == days(31) - hours(1));
}

TEST(LinkRules, a_message_beyond_the_whole_budget_goes_when_nothing_is_used) {
    rules.day_budget = 1000;
    CHECK(leave(rules, usage, noon, true).largest == any);
}

TEST(LinkRules, large_mail_may_be_kept_from_a_metered_link) {
    rules.large_by_metered = false;
    UNSIGNED_LONGS_EQUAL(64 * 1024, leave(rules, usage, noon, true).largest);
    CHECK(leave(rules, usage, noon, false).largest == any);
}

TEST(LinkRules, usage_is_of_a_day_and_a_month) {
    usage.count(10);
    usage.roll(noon + hours(11));
    UNSIGNED_LONGS_EQUAL(10, usage.today);
    WallTime const earlier = sys_days(2026y / November / 10);
    LinkUsage october = usage;
    october.roll(earlier); // a clock that went back
    CHECK(october.today == 10 && october.this_month == 10);
    october.roll(earlier + days(1));
    CHECK(october.today == 0 && october.this_month == 10);
    LinkUsage same_month{floor<days>(earlier).time_since_epoch().count(), 7, 20};
    same_month.roll(noon);
    CHECK(same_month.today == 0 && same_month.this_month == 20);
    usage.roll(noon + days(1));
    CHECK(usage.today == 0 && usage.this_month == 0);
    LinkUsage last_year{floor<days>(noon).time_since_epoch().count(), 7, 20};
    last_year.roll(noon + days(365));
    CHECK(last_year.this_month == 0);
}
