#include "dns/reachability.h"

#include <algorithm>

namespace postern::dns {

void Reachability::asked(core::SteadyTime now, unsigned packets) {
    if (!silent_since_) silent_since_ = now;
    questions_ += packets;
}

void Reachability::answered() {
    state_ = State::there;
    silent_since_.reset();
    questions_ = 0;
}

std::optional<core::SteadyTime> Reachability::suspect_at() const {
    return silent_since_ ? std::optional(*silent_since_ + suspicion) : std::nullopt;
}

std::optional<core::SteadyTime> Reachability::give_up_at(std::chrono::milliseconds slowest) const {
    if (!silent_since_) return std::nullopt;
    return *silent_since_ + std::clamp(2 * slowest, silence, longest_silence);
}

bool Reachability::given_up(core::SteadyTime now, std::chrono::milliseconds slowest) {
    auto const at = give_up_at(slowest);
    if (!away() && at && now >= *at && questions_ >= least_questions) state_ = State::silent;
    return away();
}

} // namespace postern::dns
