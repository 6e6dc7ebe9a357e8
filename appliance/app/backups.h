// What `postern` does by itself: backups are written, read and proved by whoever asked for them, since the daemon may
// not write to a stick, and is not to work on them while it has mail to serve. It only gives the content.
#pragma once

#include "control/client.h"
#include "control/command.h"
#include "control/command_line.h"

#include <filesystem>

namespace postern::app {

// `daemon`: null where none runs; then the store in `data` is read. Scheduled ones need it. Blocks.
[[nodiscard]] control::Answer backup(control::CommandLine const& line, control::Client* daemon,
                                     std::filesystem::path const& data);
[[nodiscard]] control::Answer make_backup_key(control::CommandLine const& line);
[[nodiscard]] control::Answer restore(control::CommandLine const& line, control::Client* daemon,
                                      std::filesystem::path const& data);

} // namespace postern::app
