// When to try again, and when to give up. All by the link's time (core/clock.h): while the internet is away nothing
// comes nearer, neither the next attempt nor the end. Pure; any thread.
#pragma once

#include "core/clock.h"

#include <chrono>
#include <optional>
#include <string_view>

namespace postern::policy {

struct RetryRules {
    std::chrono::seconds first{120};                          // after the first refusal; twice as long after each more
    std::chrono::seconds longest{std::chrono::hours{4}};      // but no longer than this
    std::chrono::seconds expiry{std::chrono::hours{120}};     // from when it was queued, until it is given up
    std::chrono::seconds delay_notice{std::chrono::hours{4}}; // until its sender is told that it waits
};

// What a server asks for in the text of a refusal for the time being: "greylisted, try again in 5 minutes".
[[nodiscard]] std::optional<std::chrono::seconds> asked_delay(std::string_view text);

// How long to wait after so many attempts, the last of which was refused with `text`. `chance`, of 0 to 1, spreads what
// was refused together.
[[nodiscard]] std::chrono::seconds backoff(unsigned attempts, std::string_view text, RetryRules const& rules,
                                           double chance);

struct Waits {
    core::LinkTime since;
    bool delay_told = false;
};

enum class Patience { wait, tell_delay, give_up };

// What to do with a recipient that was refused for the time being now.
[[nodiscard]] Patience patience(Waits const& waits, core::LinkTime now, RetryRules const& rules);

} // namespace postern::policy
