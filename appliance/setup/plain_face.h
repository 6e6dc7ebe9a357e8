// The menu as numbered lines: for any terminal, and for programs that play one.
#pragma once

#include "setup/desk.h"

namespace postern::setup {

// On standard input and output, until the menu is over or the input ends.
void run_plain(Desk& desk);

} // namespace postern::setup
