// Gives a name in the internet a text, at the name server that has its zone, by an update that a key signs (RFC 2136,
// RFC 8945). Over TCP.
#pragma once

#include "core/clock.h"
#include "core/random.h"
#include "net/dialer.h"
#include "wire/dns_tsig.h"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <expected>
#include <string>

namespace postern::net {

struct UpdateServer {
    std::string host; // a name or an address
    std::uint16_t port = 53;
};

// Every text that the name had before is gone; empty: it has none any more. The server is asked which zone the name is
// in. The error is a sentence for the administrator. What is passed by reference outlives it; asio's cancellation ends
// it.
boost::asio::awaitable<std::expected<void, std::string>> set_text(Dialer& dialer, UpdateServer server,
                                                                  wire::dns::TsigKey const& key, wire::dns::Name name,
                                                                  std::string text, core::Clock const& clock,
                                                                  core::Random& random);

} // namespace postern::net
