// Who is at both ends of a connection.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::net {

struct Endpoints {
    std::string peer_address; // "192.168.1.20", "fe80::1"; an IPv4-mapped address is written as IPv4
    std::uint16_t peer_port = 0;
    std::string local_address;
    std::uint16_t local_port = 0;
};

// An address range, "192.168.0.0/16" or "fd00::/8"; a bare address is a range of one.
class Network {
public:
    static std::optional<Network> parse(std::string_view written);
    [[nodiscard]] bool contains(std::string_view address) const;

private:
    std::array<unsigned char, 16> prefix_{};
    unsigned length_ = 0; // bits, of the IPv6 or IPv4-mapped form
};

// RFC 1918, RFC 4193, loopback and link-local: what an office's LAN uses.
[[nodiscard]] std::vector<Network> const& private_networks();

} // namespace postern::net
