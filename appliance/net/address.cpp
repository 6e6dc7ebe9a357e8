#include "net/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace postern::net {

namespace {

constexpr std::array<unsigned char, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}; // RFC 4291 §2.5.5.2
constexpr unsigned mapped_bits = 96;

using Octets = std::array<unsigned char, 16>;

bool is_mapped(Octets const& address) {
    return std::equal(mapped_prefix.begin(), mapped_prefix.end(), address.begin());
}

// The IPv6 or IPv4-mapped form.
std::optional<Octets> parse_address(std::string_view written, bool& is_ipv4) {
    char text[INET6_ADDRSTRLEN];
    if (written.size() >= sizeof text) return std::nullopt;
    written.copy(text, written.size());
    text[written.size()] = '\0';
    if (std::strlen(text) != written.size()) return std::nullopt;
    Octets octets{};
    is_ipv4 = inet_pton(AF_INET, text, octets.data() + mapped_prefix.size()) == 1;
    if (is_ipv4)
        std::ranges::copy(mapped_prefix, octets.begin());
    else if (inet_pton(AF_INET6, text, octets.data()) != 1)
        return std::nullopt;
    return octets;
}

} // namespace

std::optional<Network> Network::parse(std::string_view written) {
    std::size_t const slash = written.find('/');
    bool is_ipv4 = false;
    auto octets = parse_address(written.substr(0, slash), is_ipv4);
    if (!octets) return std::nullopt;
    unsigned const width = is_ipv4 ? 32 : 128;
    unsigned length = width;
    if (slash != std::string_view::npos) {
        std::string_view const digits = written.substr(slash + 1);
        auto const [end, error] = std::from_chars(digits.begin(), digits.end(), length);
        if (error != std::errc{} || end != digits.end() || length > width) return std::nullopt;
    }
    Network network;
    network.length_ = length + (128 - width);
    for (unsigned bit = network.length_; bit < 128; ++bit) // "192.168.1.1/24" is 192.168.1.0/24
        (*octets)[bit / 8] &= static_cast<unsigned char>(~(0x80U >> (bit % 8)));
    network.prefix_ = *octets;
    return network;
}

bool Network::contains(std::string_view address) const {
    bool is_ipv4 = false;
    auto const octets = parse_address(address, is_ipv4);
    if (!octets) return false;
    // "::/0" is every IPv6 address, not every IPv4 address as well.
    if (is_mapped(*octets) && length_ < mapped_bits) return false;
    unsigned const whole = length_ / 8;
    unsigned const rest = length_ % 8;
    if (!std::equal(prefix_.begin(), prefix_.begin() + whole, octets->begin())) return false;
    return rest == 0 || ((prefix_[whole] ^ (*octets)[whole]) >> (8 - rest)) == 0;
}

std::string Network::address_and_mask() const {
    std::string address(prefix_.begin(), prefix_.end());
    std::string mask;
    for (unsigned bit = 0; bit < 128; bit += 8) {
        unsigned const kept = length_ > bit ? std::min(length_ - bit, 8U) : 0;
        mask += static_cast<char>(0xff00U >> kept);
    }
    std::size_t const from = length_ >= mapped_bits && is_mapped(prefix_) ? mapped_prefix.size() : 0;
    return address.substr(from) + mask.substr(from);
}

std::span<Network const> private_networks() {
    static std::array const networks{
        *Network::parse("10.0.0.0/8"),  *Network::parse("172.16.0.0/12"), *Network::parse("192.168.0.0/16"),
        *Network::parse("127.0.0.0/8"), *Network::parse("::1"),           *Network::parse("169.254.0.0/16"),
        *Network::parse("fe80::/10"),   *Network::parse("fc00::/7"),
    };
    return networks;
}

} // namespace postern::net
