// Time as a parameter. Wall time is what mail carries (Date, INTERNALDATE, Received); deadlines and backoff count on
// the steady clock, which no correction of the wall clock moves. Tests hand in a ManualClock.
#pragma once

#include <chrono>

namespace postern::core {

using WallTime = std::chrono::sys_seconds;
using SteadyTime = std::chrono::steady_clock::time_point;

// How long mail could leave the office, altogether, since the store was made: the clock by which outside mail waits and
// expires. It stands still while the internet is away.
struct LinkClock {
    using duration = std::chrono::seconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<LinkClock>;
    static constexpr bool is_steady = true;
};
using LinkTime = LinkClock::time_point;

// Any thread.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual WallTime wall() const = 0;
    [[nodiscard]] virtual SteadyTime steady() const = 0;
    // The local offset from UTC in force at `at`, for dates that people read.
    [[nodiscard]] virtual std::chrono::minutes offset(WallTime at) const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] WallTime wall() const override;
    [[nodiscard]] SteadyTime steady() const override;
    [[nodiscard]] std::chrono::minutes offset(WallTime at) const override;
};

// Stands still until it is told to move. One thread.
class ManualClock final : public Clock {
public:
    explicit ManualClock(WallTime start) : wall_(start) {}
    [[nodiscard]] WallTime wall() const override { return wall_; }
    [[nodiscard]] SteadyTime steady() const override { return steady_; }
    [[nodiscard]] std::chrono::minutes offset(WallTime) const override { return std::chrono::minutes{0}; }
    void advance(std::chrono::seconds by) {
        wall_ += by;
        steady_ += by;
    }

private:
    WallTime wall_;
    SteadyTime steady_{};
};

} // namespace postern::core
