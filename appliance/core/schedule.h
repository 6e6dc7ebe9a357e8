// Hours of the week, as an administrator writes them in a setting: "mon-fri 08:00-18:00, sat 9:00-12:30". Without days
// it is every day's; hours that end before they begin go past midnight; nothing written means always. Pure; any thread.
#pragma once

#include "core/clock.h"

#include <bitset>
#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace postern::core {

class Schedule {
public:
    // The error is a sentence that names the window.
    [[nodiscard]] static std::expected<Schedule, std::string> parse(std::string_view written);

    // `local`: the time on the wall here, not UTC.
    [[nodiscard]] bool contains(WallTime local) const { return minutes_[minute_of(local)]; }
    // How long until contains() says otherwise; nothing: it never does.
    [[nodiscard]] std::optional<std::chrono::seconds> until_change(WallTime local) const;

private:
    static constexpr std::size_t minutes_of_day = 24 * 60, minutes_of_week = 7 * minutes_of_day;

    [[nodiscard]] static std::size_t minute_of(WallTime local); // of the week, which begins on Monday

    std::bitset<minutes_of_week> minutes_;
};

} // namespace postern::core
