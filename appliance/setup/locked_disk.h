// The screens of a box whose disk waits for its passphrase, so that no daemon runs.
#pragma once

#include "setup/desk.h"

namespace postern::setup {

void open_locked_disk(Desk& desk);

} // namespace postern::setup
