// Coroutines that nobody waits for, and what they wait for: the office's, by their names here.
#pragma once

#include "office/background.h"

namespace postern::relay {

using office::pause;
using office::report_fault;
using office::store_pause;

} // namespace postern::relay
