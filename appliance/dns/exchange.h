// How a question gets to a name server and an answer back, and time passes: an interface, so that tests play the
// internet.
#pragma once

#include "dns/upstream.h"
#include "net/dns_client.h"
#include "wire/dns_message.h"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <expected>

namespace postern::dns {

namespace asio = boost::asio;

enum class Way : std::uint8_t { udp, tcp, tls };

// One executor. Asio's cancellation ends what it has begun; nothing else ends a question to a server that is silent.
class Exchange {
public:
    virtual ~Exchange() = default;

    // The query's id may be changed. What comes answers it, with letters in any case; by UDP it may be truncated.
    virtual asio::awaitable<std::expected<wire::dns::Message, net::DnsFailure>> ask(UpstreamServer server, Way way,
                                                                                    wire::dns::Message query) = 0;

    virtual asio::awaitable<void> pause(std::chrono::milliseconds time) = 0;
};

} // namespace postern::dns
