// One client's HTTP connection (RFC 9112): requests are read, answered by the site, and answered in order.
//
// - A client has so long for a request, and so long between two of them; what it can make us hold is bounded.
// - Every answer tells browsers to take nothing from elsewhere, to guess no type, and to be framed by nobody.
#pragma once

#include "core/clock.h"
#include "http/site.h"
#include "net/connection.h"

#include <chrono>

namespace postern::http {

// For the whole of a request, and for the next one.
inline constexpr std::chrono::seconds request_time{20};
inline constexpr std::chrono::seconds idle_time{30};
// On one connection.
inline constexpr unsigned most_requests = 1000;

// Until the client or the daemon ends it; what was said last is still queued then: the caller closes the connection.
asio::awaitable<void> serve(net::Connection& connection, Site const& site, core::Clock const& clock);

} // namespace postern::http
