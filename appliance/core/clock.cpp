#include "core/clock.h"

#include <ctime>

namespace postern::core {

WallTime SystemClock::wall() const {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

SteadyTime SystemClock::steady() const { return std::chrono::steady_clock::now(); }

std::chrono::minutes SystemClock::offset(WallTime at) const {
    std::time_t const time = at.time_since_epoch().count();
    std::tm local{};
    if (localtime_r(&time, &local) == nullptr) return std::chrono::minutes{0};
    return std::chrono::floor<std::chrono::minutes>(std::chrono::seconds{local.tm_gmtoff});
}

} // namespace postern::core
