// How the box is: what is wrong first.
#pragma once

#include "setup/desk.h"

#include <string>
#include <vector>

namespace postern::setup {

[[nodiscard]] Screen status_screen(Desk& desk);

// What a display shows while nobody is at it, each a line that may be longer than it.
[[nodiscard]] std::vector<std::string> lines_at_rest(Desk& desk);

} // namespace postern::setup
