// Whether a relay can be reached, judged by exchanges with it: a cable that is in proves nothing. It decides when the
// next connection may be opened, so that a dead link costs little and one that returns is used at once. Pure; one
// thread.
//
//   down --opening--> probing --worked--> usable --failed--> failing --failed, several times--> down
//                        |failed: down                          |worked: usable
#pragma once

#include "core/clock.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace postern::policy {

enum class LinkState : std::uint8_t { down, probing, usable, failing };

[[nodiscard]] std::string_view describe(LinkState state); // "usable"

class Link {
public:
    static constexpr std::chrono::seconds first_pause{5};     // after the first attempt of a link that is down
    static constexpr std::chrono::seconds longest_pause{300}; // each pause is twice the one before
    static constexpr unsigned patience = 3;                   // failures of a usable link until it is down
    static constexpr std::chrono::seconds steady{60};         // usable for so long, it is trusted again
    static constexpr std::chrono::seconds refusal_pause{900}; // after it answered and would have none of us

    [[nodiscard]] LinkState state() const { return state_; }
    // Mail can leave, as far as we know: the link's time goes on.
    [[nodiscard]] bool usable() const { return state_ == LinkState::usable || state_ == LinkState::failing; }
    // Whether another relay is to take its mail: it went down, and nothing worked since.
    [[nodiscard]] bool hopeless() const { return hopeless_; }

    // When a connection may be opened; nothing: not before the one that is being opened has come to its end. Of a
    // usable link: at once, any number.
    [[nodiscard]] std::optional<core::SteadyTime> next_opening() const;

    void opening();                    // a connection is being opened now
    void worked(core::SteadyTime now); // the relay answered as it should
    void failed(core::SteadyTime now); // it could not be reached, or the connection broke
    // It can be reached, but takes nothing from us, and who asks often is locked out.
    void refused(core::SteadyTime now);
    // Somebody knows better, or the system's network became another: the next attempt is not to wait.
    void retry_now(core::SteadyTime now);

private:
    LinkState state_ = LinkState::down;
    bool opening_ = false; // of a link that is not usable: one at a time
    bool hopeless_ = false;
    unsigned failures_ = 0;
    std::chrono::seconds pause_ = first_pause;
    core::SteadyTime next_{};
    core::SteadyTime usable_since_{};
};

} // namespace postern::policy
