#include "policy/retry.h"

#include "text/ascii.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>

namespace postern::policy {

namespace {

using namespace std::chrono_literals;

struct Unit {
    std::string_view name; // what its word begins with
    std::chrono::seconds length;
};
constexpr Unit delay_units[] = {{"sec", 1s}, {"min", 60s}, {"hour", 3600s}, {"hr", 3600s}};

// A server that asks for less is asked again soon enough, one that asks for more does not know what it says.
constexpr std::chrono::seconds least_asked{10}, most_asked{24h};

bool speaks_of_waiting(std::string_view text) {
    constexpr std::string_view words[] = {"greylist", "graylist",  "grey list", "gray list", "try again",
                                          "retry",    "come back", "delayed",   "deferred",  "wait"};
    return std::ranges::any_of(words, [&](std::string_view word) { return text.contains(word); });
}

} // namespace

std::optional<std::chrono::seconds> asked_delay(std::string_view written) {
    std::string const text = text::lower(written);
    if (!speaks_of_waiting(text)) return std::nullopt;
    std::string_view rest = text;
    while (true) {
        auto const digit = rest.find_first_of("0123456789");
        if (digit == std::string_view::npos) return std::nullopt;
        rest.remove_prefix(digit);
        std::uint32_t number = 0;
        auto const [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
        if (error != std::errc{}) continue;
        std::string_view word = rest;
        word.remove_prefix(std::min(word.find_first_not_of(" -"), word.size()));
        auto const unit =
            std::ranges::find_if(delay_units, [&](Unit const& one) { return word.starts_with(one.name); });
        if (unit == std::end(delay_units)) continue;
        return std::clamp(unit->length * number, least_asked, most_asked);
    }
}

std::chrono::seconds backoff(unsigned attempts, std::string_view text, RetryRules const& rules, double chance) {
    if (auto const asked = asked_delay(text)) return *asked + std::chrono::seconds(static_cast<int>(chance * 10));
    auto wait = rules.first;
    for (unsigned attempt = 1; attempt < attempts && wait < rules.longest; ++attempt) wait *= 2;
    wait = std::min(wait, rules.longest);
    return wait + std::chrono::seconds(static_cast<std::int64_t>(chance * static_cast<double>(wait.count()) / 8));
}

Patience patience(Waits const& waits, core::LinkTime now, RetryRules const& rules) {
    auto const waited = now - waits.since;
    if (waited >= rules.expiry) return Patience::give_up;
    return !waits.delay_told && waited >= rules.delay_notice ? Patience::tell_delay : Patience::wait;
}

} // namespace postern::policy
