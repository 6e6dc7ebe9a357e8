// `postern export` and `postern import`: other software's mailboxes are written and read by whoever asked for it; the
// daemon gives and takes letters, and the store is read without one as well. Blocks.
#pragma once

#include "control/client.h"
#include "control/command.h"
#include "control/command_line.h"

#include <filesystem>

namespace postern::app {

// `daemon`: null where none runs; then the store in `data` is read.
[[nodiscard]] control::Answer export_account(control::CommandLine const& line, control::Client* daemon,
                                             std::filesystem::path const& data);
[[nodiscard]] control::Answer import_account(control::CommandLine const& line, control::Client& daemon);

} // namespace postern::app
