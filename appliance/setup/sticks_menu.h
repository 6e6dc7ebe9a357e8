// What a stick is for: backups onto it and from it, and updates. What `postern box` does as well.
#pragma once

#include "setup/desk.h"

#include <functional>

namespace postern::setup {

void open_backup(Desk& desk);
// `first`: what is to be done before, and calls what it is given then.
void open_restore(Desk& desk, std::function<void(std::function<void()>)> first = {});
void open_update(Desk& desk);

} // namespace postern::setup
