#include "policy/link.h"

#include <algorithm>

namespace postern::policy {

std::string_view describe(LinkState state) {
    switch (state) {
    case LinkState::down: return "down";
    case LinkState::probing: return "probing";
    case LinkState::usable: return "usable";
    case LinkState::failing: return "failing";
    }
    return "";
}

std::optional<core::SteadyTime> Link::next_opening() const {
    if (opening_) return std::nullopt;
    return next_;
}

void Link::retry_now(core::SteadyTime now) {
    next_ = now;
    pause_ = first_pause;
}

void Link::opening() {
    if (state_ == LinkState::usable) return;
    opening_ = true;
    if (state_ == LinkState::down) state_ = LinkState::probing;
}

void Link::worked(core::SteadyTime now) {
    opening_ = false;
    failures_ = 0;
    next_ = now;
    if (!usable()) usable_since_ = now;
    state_ = LinkState::usable;
    hopeless_ = false;
}

void Link::failed(core::SteadyTime now) {
    opening_ = false;
    if (usable() && ++failures_ < patience) {
        state_ = LinkState::failing;
        next_ = now + std::chrono::seconds{1U << failures_};
        return;
    }
    // One that comes and goes is asked less and less often; one that was good for a while begins anew.
    if (usable() && now - usable_since_ >= steady) pause_ = first_pause;
    failures_ = 0;
    hopeless_ = true;
    state_ = LinkState::down;
    next_ = now + pause_;
    pause_ = std::min(pause_ * 2, longest_pause);
}

void Link::refused(core::SteadyTime now) {
    opening_ = false;
    failures_ = 0;
    hopeless_ = true;
    state_ = LinkState::down;
    next_ = now + refusal_pause;
}

} // namespace postern::policy
