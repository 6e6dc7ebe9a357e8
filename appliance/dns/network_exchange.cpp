#include "dns/network_exchange.h"

#include "net/tcp_stream.h"
#include "net/tls_stream.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <format>
#include <utility>

namespace postern::dns {

namespace {

constexpr auto in_tuple = asio::as_tuple(asio::use_awaitable);

using Opened = std::expected<std::unique_ptr<net::Stream>, net::DnsFailure>;

asio::awaitable<Opened> connect(UpstreamServer server) {
    asio::ip::tcp::socket socket(co_await asio::this_coro::executor);
    auto const [error] = co_await socket.async_connect({server.endpoint.address(), server.endpoint.port()}, in_tuple);
    if (error)
        co_return std::unexpected(net::DnsFailure{error, std::format("cannot be asked by TCP: {}", error.message())});
    co_return std::make_unique<net::TcpStream>(std::move(socket));
}

// RFC 7858 §3.2, RFC 8310 §5: with the strict profile, since who names a server wants that one.
asio::awaitable<Opened> connect_by_tls(UpstreamServer server, std::shared_ptr<net::TlsClient> client) {
    auto connected = co_await connect(server);
    if (!connected) co_return connected;
    auto stream = client->wrap(std::move(*connected), server.tls_name);
    if (auto const error = co_await stream->handshake()) {
        std::string const untrusted = stream->why_untrusted();
        co_return std::unexpected(
            net::DnsFailure{error, untrusted.empty() ? std::format("cannot be asked by TLS: {}", error.message())
                                                     : std::format("cannot be trusted: {}", untrusted)});
    }
    co_return std::move(stream);
}

asio::awaitable<Opened> trust_nobody(std::string why) {
    co_return std::unexpected(net::DnsFailure{{}, std::format("cannot be trusted: {}", why)});
}

} // namespace

void NetworkExchange::set_trust(std::expected<std::shared_ptr<net::TlsClient>, std::string> trust) {
    trust_ = std::move(trust);
    std::erase_if(connections_, [](Kept const& kept) { return kept.way == Way::tls; });
}

asio::awaitable<std::expected<wire::dns::Message, net::DnsFailure>> NetworkExchange::ask(UpstreamServer server, Way way,
                                                                                         wire::dns::Message query) {
    if (way == Way::udp) co_return co_await net::ask_by_udp(server.endpoint, std::move(query));
    auto const connection = connection_to(server, way); // which others may take out of the list meanwhile
    co_return co_await connection->ask(std::move(query));
}

asio::awaitable<void> NetworkExchange::pause(std::chrono::milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(in_tuple);
}

std::shared_ptr<net::DnsConnection> NetworkExchange::connection_to(UpstreamServer const& server, Way way) {
    auto const known =
        std::ranges::find_if(connections_, [&](Kept const& kept) { return kept.way == way && kept.server == server; });
    if (known != connections_.end()) {
        std::rotate(known, known + 1, connections_.end());
        return connections_.back().connection;
    }
    if (connections_.size() == most_connections) connections_.erase(connections_.begin());
    net::DnsConnection::Dial dial = [server, trust = trust_, way]() -> asio::awaitable<Opened> {
        if (way == Way::tcp) return connect(server);
        return trust ? connect_by_tls(server, *trust) : trust_nobody(trust.error());
    };
    connections_.push_back(
        {server, way, std::make_shared<net::DnsConnection>(executor_, random_, std::move(dial), way == Way::tls)});
    return connections_.back().connection;
}

} // namespace postern::dns
