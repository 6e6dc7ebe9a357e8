// The screens of a box without an office: what it is to be, in any order, and then all of it at once.
#pragma once

#include "setup/desk.h"

namespace postern::setup {

void open_first_boot(Desk& desk);

} // namespace postern::setup
