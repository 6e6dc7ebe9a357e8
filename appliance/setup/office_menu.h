// The screens of a box that has its office: how it is, and what can be done about it.
#pragma once

#include "setup/desk.h"

#include <string>
#include <vector>

namespace postern::setup {

// Asks for the menu's password first, where there is one and the face is no display.
void open_office(Desk& desk);
// For who has just set it up, or proved to know it.
void open_office_unlocked(Desk& desk);

// What a display shows while nobody is at it, each a line that may be longer than it: what is wrong first.
[[nodiscard]] std::vector<std::string> lines_at_rest(Desk& desk);

} // namespace postern::setup
