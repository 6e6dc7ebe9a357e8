// Addresses of both families as 16 octets, IPv4 in its mapped form (RFC 4291 §2.5.5.2), so that to compare them and to
// tell what network they are in takes next to nothing. Values; any thread.
#pragma once

#include "wire/dns_message.h"

#include <sys/socket.h>

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::dns {

class IpAddress {
public:
    IpAddress() = default; // "::"
    explicit IpAddress(std::array<unsigned char, 16> const& octets) : octets_(octets) {}
    explicit IpAddress(wire::dns::A const& record);
    explicit IpAddress(wire::dns::Aaaa const& record) : octets_(record.address) {}

    // "192.168.1.20", "fd00::1"; without a zone.
    static std::optional<IpAddress> parse(std::string_view written);
    // Of an IPv4 or IPv6 socket.
    static IpAddress of(sockaddr const& address);

    [[nodiscard]] std::array<unsigned char, 16> const& octets() const { return octets_; }
    [[nodiscard]] bool is_ipv4() const;
    [[nodiscard]] std::string text() const;
    // As a record of its family.
    [[nodiscard]] wire::dns::Data record() const;
    // "20.1.168.192.in-addr.arpa" (RFC 1035 §3.5), "1.0.….d.f.ip6.arpa" (RFC 3596 §2.5).
    [[nodiscard]] wire::dns::Name reverse_name() const;
    // Whose that is; nothing: it is none of a whole address.
    static std::optional<IpAddress> of_reverse_name(wire::dns::Name const& name);

    friend auto operator<=>(IpAddress const&, IpAddress const&) = default;

private:
    std::array<unsigned char, 16> octets_{};
};

class IpNetwork {
public:
    // `length` counts the bits of the address's own family.
    IpNetwork(IpAddress const& address, unsigned length);
    // "192.168.0.0/16", "fd00::/8"; a bare address is a network of one.
    static std::optional<IpNetwork> parse(std::string_view written);

    [[nodiscard]] bool contains(IpAddress const& address) const;
    friend bool operator==(IpNetwork const&, IpNetwork const&) = default;

private:
    std::array<std::uint64_t, 2> prefix_{}, mask_{}; // in the order of the octets
};

// RFC 1918, RFC 4193, link-local and loopback.
[[nodiscard]] bool is_private(IpAddress const& address);
[[nodiscard]] bool is_loopback(IpAddress const& address);

} // namespace postern::dns
