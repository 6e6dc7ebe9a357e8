// Cookies (RFC 6265) of which nobody but this very host gets to know, and no script. Pure.
#pragma once

#include "http/message.h"

#include <string>
#include <string_view>

namespace postern::http {

// The value of the first of that name. Empty: there is none.
[[nodiscard]] std::string_view cookie(Request const& request, std::string_view name);

// For the field Set-Cookie, until the browser is closed. `name` begins with "__Host-" (RFC 6265bis §4.1.3.2): a browser
// takes it over TLS alone, and from no other host.
[[nodiscard]] std::string set_cookie(std::string_view name, std::string_view value);
// The browser forgets it.
[[nodiscard]] std::string end_cookie(std::string_view name);

} // namespace postern::http
