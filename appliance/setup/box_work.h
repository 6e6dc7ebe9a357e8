// Something that the box does for a while once it was asked (control/box_requests.h), with the daemon away meanwhile or
// not: a screen that waits for how it ends. Whoever leaves it is told by the status.
#pragma once

#include "setup/desk.h"

#include <functional>
#include <string>

namespace postern::setup {

struct BoxWork {
    std::string request; // "backup"
    std::string title;
    std::function<std::string()> text; // how far it is
    // With what came of it, once the screen is closed; what failed is told without.
    std::function<void(std::string result)> done;
    std::function<bool()> is_done = {}; // where something else shows it as well
};
void await_box(Desk& desk, BoxWork work);

} // namespace postern::setup
