// Names outside that lead inside: a page from the internet whose name gets an address of the office's own network has a
// browser there talk to printers and routers on its behalf. So what is outside has no address inside, unless the
// administrator says so. Pure; any thread.
#pragma once

#include "wire/dns_message.h"

namespace postern::dns {

// Whether it leads to a network that is nobody's on the internet: private (RFC 1918, RFC 4193), loopback, link-local or
// no address at all, also where IPv6 writes it of IPv4 (RFC 4291 §2.5.5.2, RFC 6052), be it in an address record or in
// the hints of a service's (RFC 9460 §7.3).
[[nodiscard]] bool leads_inside(wire::dns::Record const& record);

} // namespace postern::dns
