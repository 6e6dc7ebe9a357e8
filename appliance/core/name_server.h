// Name servers as an administrator writes them: the value of the setting dns.servers. Pure; any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace postern::core {

struct NameServer {
    std::string address; // "192.0.2.53", "fe80::1%eth0"
    std::uint16_t port = 53;
    // Asked by TLS (RFC 7858), and what its certificate has to be for (RFC 8310 §8.1); empty: without.
    std::string tls_name = {};
    friend bool operator==(NameServer const&, NameServer const&) = default;
};

// ADDRESS, ADDRESS#PORT or tls://ADDRESS/NAME, with spaces or commas between. The error is a sentence that names the
// one that is wrong.
[[nodiscard]] std::expected<std::vector<NameServer>, std::string> parse_name_servers(std::string_view written);

} // namespace postern::core
