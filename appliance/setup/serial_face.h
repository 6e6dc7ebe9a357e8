// The menu on a terminal, be it an old one at the end of a slow line: ncurses sends what changed and no more, no
// colours are needed, and where the terminal has no UTF-8 it gets letters that every one has.
#pragma once

#include "setup/desk.h"

namespace postern::setup {

// Until the menu is over or the terminal is gone. False: this terminal cannot do it, and nothing was shown.
[[nodiscard]] bool run_on_terminal(Desk& desk);

} // namespace postern::setup
