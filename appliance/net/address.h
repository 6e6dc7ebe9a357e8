// Who is at both ends of a connection.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

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
    // The address, then the mask: 8 octets of an IPv4 range, 32 of another (RFC 5280 §4.2.1.10).
    [[nodiscard]] std::string address_and_mask() const;

private:
    std::array<unsigned char, 16> prefix_{};
    unsigned length_ = 0; // bits, of the IPv6 or IPv4-mapped form
};

// RFC 1918, RFC 4193, loopback and link-local: what an office's LAN uses.
[[nodiscard]] std::span<Network const> private_networks();

} // namespace postern::net
