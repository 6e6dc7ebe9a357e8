#include "office/server_trust.h"

#include "net/key_digest.h"

#include <format>
#include <fstream>
#include <iterator>

namespace postern::office {

using store::RelaySecurity;

namespace {

// Debian's ca-certificates.
constexpr auto system_authorities = "/etc/ssl/certs/ca-certificates.crt";

constexpr std::size_t nonce_octets = 24;

std::expected<std::string, std::string> read_system_authorities() {
    std::ifstream file(system_authorities, std::ios::binary);
    std::string pem{std::istreambuf_iterator<char>(file), {}};
    if (pem.empty())
        return std::unexpected(std::format("no certificate can be verified: {} cannot be read; install the package "
                                           "ca-certificates, or give the server an authority of its own",
                                           system_authorities));
    return pem;
}

} // namespace

std::expected<TlsTrust, std::string> TlsTrust::make(RelaySecurity security, std::string authority) {
    bool const verifies = security == RelaySecurity::implicit_tls || security == RelaySecurity::starttls;
    auto key = net::parse_key_digest(authority);
    if (verifies && authority.empty()) {
        auto system = read_system_authorities();
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
