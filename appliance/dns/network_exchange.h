// Questions over the network: by UDP each from a port of its own, by TCP and TLS over connections that are kept for a
// while.
#pragma once

#include "core/random.h"
#include "dns/exchange.h"
#include "net/dns_connection.h"
#include "net/tls.h"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <vector>

namespace postern::dns {

// One executor, that of its coroutines.
class NetworkExchange final : public Exchange {
public:
    static constexpr std::size_t most_connections = 8; // the one that was used least lately makes room

    // `random` outlives it.
    NetworkExchange(asio::any_io_executor executor, core::Random& random)
        : executor_(std::move(executor)), random_(random) {}

    // By what servers that speak TLS are judged, from now on; the error says why nobody can be.
    void set_trust(std::expected<std::shared_ptr<net::TlsClient>, std::string> trust);

    void close() { connections_.clear(); }

    asio::awaitable<std::expected<wire::dns::Message, net::DnsFailure>> ask(UpstreamServer server, Way way,
                                                                            wire::dns::Message query) override;
    asio::awaitable<void> pause(std::chrono::milliseconds time) override;

private:
    struct Kept {
        UpstreamServer server;
        Way way;
        std::shared_ptr<net::DnsConnection> connection;
    };

    std::shared_ptr<net::DnsConnection> connection_to(UpstreamServer const& server, Way way);

    using Trust = std::expected<std::shared_ptr<net::TlsClient>, std::string>;

    asio::any_io_executor executor_;
    core::Random& random_;
    Trust trust_ = std::unexpected("nobody is trusted yet");
    std::vector<Kept> connections_; // the latest last
};

} // namespace postern::dns
