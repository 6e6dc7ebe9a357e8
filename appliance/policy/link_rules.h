// When and how much the administrator lets the link be used: by hand, by the hour, by the octet. Pure; any thread.
#pragma once

#include "core/clock.h"
#include "core/schedule.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>

namespace postern::policy {

struct LinkRules {
    bool hold = false;
    core::Schedule schedule;
    std::uint64_t day_budget = 0; // octets; none: 0
    std::uint64_t month_budget = 0;
    bool large_by_metered = true;
    std::uint64_t large = 0; // octets beyond which a message is large
};

// Octets that went over links whose octets count, today and in this month, by the calendar here.
struct LinkUsage {
    std::int64_t day = 0; // since 1970
    std::uint64_t today = 0;
    std::uint64_t this_month = 0;

    // A new day, or month, begins with nothing. A clock that was wrong and goes back brings nothing back; the next day
    // is a new one all the same.
    void roll(core::WallTime local);
    void count(std::uint64_t octets) {
        today += octets;
        this_month += octets;
    }
    friend bool operator==(LinkUsage const&, LinkUsage const&) = default;
};

struct LinkLeave {
    enum class Why : std::uint8_t { open, held, schedule, budget } why = Why::open;
    std::optional<std::chrono::seconds> changes_in{}; // what is said here; nothing: not by the clock
    // Octets of the largest message that may be begun: what a metered link is spared, or what is left of its budget.
    // A message that is larger than a whole budget goes when nothing of it is used.
    std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

    [[nodiscard]] bool open() const { return why == Why::open; }
};

// `metered`: octets of the link that would be used now count. `usage` is of `local`'s day.
[[nodiscard]] LinkLeave leave(LinkRules const& rules, LinkUsage const& usage, core::WallTime local, bool metered);

} // namespace postern::policy
