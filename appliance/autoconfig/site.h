// The pages of the box: what mail clients ask for to set themselves up, and what people look at to have theirs do so.
// Everything is there by plain HTTP, too, because a device asks before it trusts the office's authority; none of it is
// secret.
#pragma once

#include "autoconfig/office.h"
#include "http/site.h"

#include <vector>

namespace postern::autoconfig {

[[nodiscard]] std::vector<http::Route> routes(Office office);

} // namespace postern::autoconfig
