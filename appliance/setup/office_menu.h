// The screens of a box that has its office: how it is, and what can be done about it.
#pragma once

#include "setup/desk.h"

namespace postern::setup {

// Asks for the menu's password first, where there is one and the face is no display.
void open_office(Desk& desk);
// For who has just set it up, or proved to know it.
void open_office_unlocked(Desk& desk);

} // namespace postern::setup
