// Whether the internet is there, as far as name servers tell: while it is away nobody shall wait for them. It is away
// when nothing at all was answered for a while although several questions were asked, one of which any server can
// answer; and at once when the system knows no way, or that nobody is there. One answer, whatever it says, and it is
// back. A value.
#pragma once

#include "core/clock.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace postern::dns {

class Reachability {
public:
    // How long nothing is answered until a question is asked that any server can answer, and until all are given up,
    // unless the servers are that slow.
    static constexpr std::chrono::milliseconds suspicion{1000}, silence{2000}, longest_silence{4000};
    static constexpr unsigned least_questions = 3;
    // Between two times that is looked whether it is back.
    static constexpr std::chrono::milliseconds first_probe{500}, last_probe{15000};

    enum class State : std::uint8_t {
        there,
        silent, // away: nobody answers
        no_way, // away: the system has no route, no address, no link
    };

    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] bool away() const { return state_ != State::there; }

    // `packets`: for how many questions it counts; over a stream one is sent again by itself.
    void asked(core::SteadyTime now, unsigned packets = 1);
    void answered();
    // Every server was tried, and none can be reached: the system has no way, or they are not there.
    void found_nobody(bool no_way) { state_ = no_way ? State::no_way : State::silent; }

    // When to ask whether somebody is there, if nothing is answered until then; nothing: no question is open.
    [[nodiscard]] std::optional<core::SteadyTime> suspect_at() const;
    [[nodiscard]] std::optional<core::SteadyTime> give_up_at(std::chrono::milliseconds slowest) const;
    // Whether it is to be given up now. `slowest`: what servers take.
    bool given_up(core::SteadyTime now, std::chrono::milliseconds slowest);

private:
    State state_ = State::there;
    std::optional<core::SteadyTime> silent_since_; // the first question since the last answer
    unsigned questions_ = 0;                       // since then
};

} // namespace postern::dns
