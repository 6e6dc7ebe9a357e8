#include "policy/link_rules.h"

#include <algorithm>

namespace postern::policy {

using namespace std::chrono;

namespace {

year_month_day date_of(std::int64_t day) { return sys_days(days(day)); }

// What a budget leaves; nothing is left of it: 0.
std::uint64_t left(std::uint64_t budget, std::uint64_t used) {
    if (budget == 0 || used == 0) return std::numeric_limits<std::uint64_t>::max();
    return budget - std::min(budget, used);
}

} // namespace

void LinkUsage::roll(core::WallTime local) {
    auto const now = floor<days>(local).time_since_epoch().count();
    if (now > day) {
        auto const before = date_of(day), after = date_of(now);
        if (before.year() != after.year() || before.month() != after.month()) this_month = 0;
        today = 0;
    }
    day = now;
}

LinkLeave leave(LinkRules const& rules, LinkUsage const& usage, core::WallTime local, bool metered) {
    if (rules.hold) return {LinkLeave::Why::held};
    LinkLeave leave{.changes_in = rules.schedule.until_change(local)};
    if (!rules.schedule.contains(local)) {
        leave.why = LinkLeave::Why::schedule;
        return leave;
    }
    if (!metered) return leave;
    auto const of_day = left(rules.day_budget, usage.today), of_month = left(rules.month_budget, usage.this_month);
    leave.largest = std::min(of_day, of_month);
    if (leave.largest != std::numeric_limits<std::uint64_t>::max()) {
        auto const today = floor<days>(local);
        year_month_day const date(today);
        sys_days const next_month = (date.year() / date.month() + months(1)) / 1;
        seconds const renewed = (of_month == 0 ? next_month : today + days(1)) - local;
        leave.changes_in = std::min(renewed, leave.changes_in.value_or(renewed));
        if (leave.largest == 0) leave.why = LinkLeave::Why::budget;
    }
    if (!rules.large_by_metered) leave.largest = std::min(leave.largest, rules.large);
    return leave;
}

} // namespace postern::policy
