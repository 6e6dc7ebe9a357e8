// What somebody should look at: `postern status` shows it, and the box's light, which goes by a file beside the control
// socket, alarms, a line each. The network thread; reads small files on it.
#pragma once

#include "control/daemon.h"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

namespace postern::control {

[[nodiscard]] asio::awaitable<std::vector<std::string>> find_alarms(Daemon& daemon);
[[nodiscard]] asio::awaitable<bool> has_menu_password(office::Office& office); // or it cannot be read

// Writes the file, if there is an image to read it and it is to be another one.
asio::awaitable<void> tell_alarms(Daemon& daemon);

} // namespace postern::control
