// The link's time (core/clock.h) as it goes on: with the steady clock while a link is usable, not at all otherwise.
// Pure; one thread.
#pragma once

#include "core/clock.h"

#include <optional>

namespace postern::policy {

class LinkTimer {
public:
    explicit LinkTimer(core::LinkTime so_far = {}) : so_far_(so_far) {}

    [[nodiscard]] core::LinkTime now(core::SteadyTime steady) const {
        if (!since_) return so_far_;
        return so_far_ + std::chrono::floor<std::chrono::seconds>(steady - *since_);
    }
    [[nodiscard]] bool runs() const { return since_.has_value(); }

    void run(bool usable, core::SteadyTime steady) {
        if (usable == runs()) return;
        so_far_ = now(steady);
        since_ = usable ? std::optional(steady) : std::nullopt;
    }

private:
    core::LinkTime so_far_;
    std::optional<core::SteadyTime> since_;
};

} // namespace postern::policy
