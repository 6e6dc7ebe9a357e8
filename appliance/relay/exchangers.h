// Where mail goes that no relay takes for us: to the servers of its domain (RFC 5321 §5).
#pragma once

#include "core/random.h"
#include "net/resolver.h"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace postern::relay {

namespace asio = boost::asio;

// The hosts to be tried, in their order; of an address literal (§4.1.3) that address.
asio::awaitable<net::LookedUp<net::MailExchanger>> find_exchangers(net::Resolver& resolver, std::string domain);

// Whether somebody out there answers: asks for a name that nobody has, so that no cache knows of it, and only its zone
// can say so. One who says that he has it is a portal that answers to everything, and one who says without the zone's
// word that there is none may be a router that says so of all names while it is offline.
asio::awaitable<bool> internet_answers(net::Resolver& resolver, core::Random& random);

} // namespace postern::relay
