#include "core/schedule.h"

#include "core/trim.h"

#include <algorithm>
#include <array>
#include <format>

namespace postern::core {

namespace {

constexpr std::array<std::string_view, 7> days = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

// "mon", in any case.
std::optional<std::size_t> read_day(std::string_view written) {
    auto const same = [&](std::string_view day) {
        return std::ranges::equal(day, written, {}, {},
                                  [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c; });
    };
    auto const day = std::ranges::find_if(days, same);
    if (day == days.end()) return std::nullopt;
    return static_cast<std::size_t>(day - days.begin());
}

// "8:30", in minutes; 24:00 is the end of a day.
std::optional<std::size_t> read_time(std::string_view written) {
    auto const number = [](std::string_view digits, std::size_t most) -> std::optional<std::size_t> {
        std::size_t value = 0;
        for (char const c : digits) {
            if (c < '0' || c > '9') return std::nullopt;
            value = 10 * value + static_cast<std::size_t>(c - '0');
        }
        return !digits.empty() && digits.size() <= 2 && value <= most ? std::optional(value) : std::nullopt;
    };
    auto const colon = written.find(':');
    if (colon == std::string_view::npos || written.size() - colon != 3) return std::nullopt;
    auto const hours = number(written.substr(0, colon), 24);
    auto const minutes = number(written.substr(colon + 1), 59);
    if (!hours || !minutes || (*hours == 24 && *minutes != 0)) return std::nullopt;
    return *hours * 60 + *minutes;
}

struct Window {
    std::size_t first_day = 0, last_day = days.size() - 1;
    std::size_t begin = 0, end = 0; // minutes
};

std::optional<Window> read_window(std::string_view written) {
    Window window;
    auto const blank = written.find_first_of(" \t");
    std::string_view times = written;
    if (blank != std::string_view::npos) {
        std::string_view const range = written.substr(0, blank);
        times = trimmed(written.substr(blank));
        auto const dash = range.find('-');
        auto const first = read_day(range.substr(0, dash));
        auto const last = dash == std::string_view::npos ? first : read_day(range.substr(dash + 1));
        if (!first || !last) return std::nullopt;
        window.first_day = *first;
        window.last_day = *last;
    }
    auto const dash = times.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    auto const begin = read_time(times.substr(0, dash));
    auto const end = read_time(times.substr(dash + 1));
    if (!begin || !end || *begin == *end) return std::nullopt;
    window.begin = *begin;
    window.end = *end;
    return window;
}

} // namespace

std::expected<Schedule, std::string> Schedule::parse(std::string_view written) {
    Schedule schedule;
    if (trimmed(written).empty()) {
        schedule.minutes_.set();
        return schedule;
    }
    while (true) {
        auto const comma = written.find(',');
        std::string_view const part = trimmed(written.substr(0, comma));
        auto const window = read_window(part);
        if (!window)
            return std::unexpected(
                std::format("\"{}\" is no window of time: write mon-fri 08:00-18:00, or 22:00-06:00", part));
        auto const length = (window->end + minutes_of_day - window->begin) % minutes_of_day;
        for (auto day = window->first_day;; day = (day + 1) % days.size()) {
            for (std::size_t minute = 0; minute < (length == 0 ? minutes_of_day : length); ++minute)
                schedule.minutes_.set((day * minutes_of_day + window->begin + minute) % minutes_of_week);
            if (day == window->last_day) break;
        }
        if (comma == std::string_view::npos) return schedule;
        written.remove_prefix(comma + 1);
    }
}

std::size_t Schedule::minute_of(WallTime local) {
    auto const day = std::chrono::floor<std::chrono::days>(local);
    auto const weekday = std::chrono::weekday(day).iso_encoding() - 1;
    auto const minute = std::chrono::floor<std::chrono::minutes>(local - day).count();
    return weekday * minutes_of_day + static_cast<std::size_t>(minute);
}

std::optional<std::chrono::seconds> Schedule::until_change(WallTime local) const {
    auto const now = minute_of(local);
    for (std::size_t ahead = 1; ahead < minutes_of_week; ++ahead)
        if (minutes_[(now + ahead) % minutes_of_week] != minutes_[now])
            return std::chrono::floor<std::chrono::minutes>(local) + std::chrono::minutes(ahead) - local;
    return std::nullopt;
}

} // namespace postern::core
