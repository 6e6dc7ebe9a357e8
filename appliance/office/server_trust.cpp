#include "office/server_trust.h"

#include "net/key_digest.h"
#include "net/system_authorities.h"

#include <utility>

namespace postern::office {

using store::RelaySecurity;

namespace {

constexpr std::size_t nonce_octets = 24;

} // namespace

std::expected<TlsTrust, std::string> TlsTrust::make(RelaySecurity security, std::string authority) {
    bool const verifies = security == RelaySecurity::implicit_tls || security == RelaySecurity::starttls;
    auto key = net::parse_key_digest(authority);
    if (verifies && authority.empty()) {
        auto system = net::read_system_authorities();
        if (!system) return std::unexpected(system.error());
        authority = std::move(*system);
    }
    net::TlsClient::Options options{.trusted = {}, .alpn = {}};
    if (verifies && key) options.key_digest = std::move(*key);
    if (verifies && !key) options.trusted = std::move(authority);
    auto client = net::TlsClient::make(options);
    if (!client) return std::unexpected(std::move(client.error()));
    return TlsTrust(std::move(*client));
}

asio::awaitable<std::expected<TlsTrust, std::string>> TlsTrust::make(Office& office, RelaySecurity security,
                                                                     std::string authority) {
    return office.storage.compute([security, authority = std::move(authority)] { return make(security, authority); });
}

wire::SaslConnection sasl_connection(net::Connection const& connection, RelaySecurity security) {
    wire::SaslConnection channel{
        .confidential = security != RelaySecurity::opportunistic, .binding_type = {}, .binding = {}};
    if (auto bindings = connection.channel_bindings(); !bindings.empty()) {
        channel.binding_type = bindings.front().type;
        channel.binding = std::move(bindings.front().octets);
    }
    return channel;
}

std::string sasl_nonce(Office& office) { return office.random.hex(nonce_octets); }

} // namespace postern::office
