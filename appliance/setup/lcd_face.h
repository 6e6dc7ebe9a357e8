// The menu on a character display with a few keys. At rest it shows how the box is; a key opens the menu, and after a
// minute without one it rests again.
#pragma once

#include "setup/box.h"

#include <string>

namespace postern::setup {

// For good; where LCDd is away it is looked for again every few seconds. `place`: "localhost:13666".
[[noreturn]] void run_on_lcd(Box& box, std::string const& place);

} // namespace postern::setup
