#include "dns/internet_lookups.h"

#include "net/async_call.h"
#include "net/interface.h"
#include "net/system_authorities.h"
#include "net/tls.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <expected>
#include <utility>

namespace postern::dns {

namespace {

bool is_own(asio::ip::address const& address) {
    return address.is_loopback() || !net::interface_of(address.to_string()).empty();
}

std::expected<std::shared_ptr<net::TlsClient>, std::string> system_trust() {
    auto authorities = net::read_system_authorities();
    if (!authorities) return std::unexpected(std::move(authorities.error()));
    return net::TlsClient::make({.trusted = std::move(*authorities), .key_digest = {}, .alpn = {"dot"}});
}

} // namespace

InternetLookups::InternetLookups(asio::any_io_executor executor, core::Clock const& clock, core::Random& random,
                                 ForwarderOptions options)
    : executor_(executor),
      exchange_(executor, random),
      forwarder_(executor, clock, random, exchange_, options, is_own) {
    trust_authorities(options);
}

// Once, and only where somebody is asked by TLS: it takes some ten milliseconds, and a megabyte.
void InternetLookups::trust_authorities(ForwarderOptions const& options) {
    bool const needed =
        std::ranges::any_of(options.servers, [](auto const& server) { return !server.tls_name.empty(); });
    if (!needed || trusts_) return;
    auto trust = system_trust();
    trusts_ = trust.has_value();
    exchange_.set_trust(std::move(trust));
}

void InternetLookups::set_options(ForwarderOptions options) {
    asio::post(executor_, [this, options = std::move(options)]() mutable {
        trust_authorities(options);
        forwarder_.set_options(std::move(options));
    });
}

void InternetLookups::network_changed() {
    asio::post(executor_, [this] { forwarder_.network_changed(); });
}

asio::awaitable<ForwarderStatus> InternetLookups::status() {
    return net::async_call<ForwarderStatus>([this](net::AsyncDone<ForwarderStatus> done) {
        asio::post(executor_, [this, done = std::move(done)]() mutable { done(forwarder_.status()); });
    });
}

} // namespace postern::dns
