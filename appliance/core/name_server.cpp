#include "core/name_server.h"

#include "core/words.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <format>
#include <optional>

namespace postern::core {

namespace {

bool is_address(std::string const& written) {
    std::array<char, sizeof(in6_addr)> octets;
    // RFC 4007 §11: what is behind % names the interface, for an address that is good on one link.
    auto const zone = written.find('%');
    if (zone == std::string::npos && ::inet_pton(AF_INET, written.c_str(), octets.data()) == 1) return true;
    return zone + 1 != written.size() && ::inet_pton(AF_INET6, written.substr(0, zone).c_str(), octets.data()) == 1;
}

// RFC 1123 §2.1
bool is_host_name(std::string_view written) {
    constexpr std::size_t longest = 253;
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
    return !written.empty() && written.size() <= longest &&
           written.find_first_not_of(allowed) == std::string_view::npos && !written.contains("..") &&
           written.front() != '.' && written.back() != '.';
}

std::optional<NameServer> parse_name_server(std::string_view written) {
    constexpr std::string_view tls = "tls://";
    constexpr std::uint16_t tls_port = 853; // RFC 7858 §3.1
    NameServer server;
    if (written.starts_with(tls)) {
        auto const slash = std::min(written.find('/', tls.size()), written.size() - 1);
        server.port = tls_port;
        server.tls_name = written.substr(slash + 1);
        if (!is_host_name(server.tls_name)) return std::nullopt;
        written = written.substr(tls.size(), slash - tls.size());
    }
    auto const hash = written.find('#');
    server.address = written.substr(0, hash);
    if (!is_address(server.address)) return std::nullopt;
    if (hash == std::string_view::npos) return server;
    std::string_view const digits = written.substr(hash + 1);
    auto const [end, error] = std::from_chars(digits.begin(), digits.end(), server.port);
    if (error != std::errc{} || end != digits.end() || server.port == 0) return std::nullopt;
    return server;
}

} // namespace

std::expected<std::vector<NameServer>, std::string> parse_name_servers(std::string_view written) {
    std::vector<NameServer> servers;
    for (std::string_view const word : words(written)) {
        auto server = parse_name_server(word);
        if (!server)
            return std::unexpected(
                std::format("{} is no name server; one is written like 192.0.2.53, 2001:db8::53#5353, or "
                            "tls://192.0.2.53/dns.example",
                            word));
        servers.push_back(std::move(*server));
    }
    return servers;
}

} // namespace postern::core
