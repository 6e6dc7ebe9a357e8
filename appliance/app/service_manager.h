// What systemd is told of the daemon's life (sd_notify(3)); without systemd nothing happens.
#pragma once

#include <chrono>
#include <optional>

namespace postern::app {

void notify_ready();
void notify_stopping();
void notify_alive();

// How often notify_alive is expected (sd_watchdog_enabled(3)); nothing: never.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog_interval();

} // namespace postern::app
