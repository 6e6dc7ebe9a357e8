#include "dns/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <format>
#include <vector>

namespace postern::dns {

namespace {

constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned mapped_bits = 96, all_bits = 128;

std::array<std::uint64_t, 2> words(std::array<unsigned char, 16> const& octets) {
    return std::bit_cast<std::array<std::uint64_t, 2>>(octets);
}

} // namespace

IpAddress::IpAddress(wire::dns::A const& record) {
    std::ranges::copy(mapped, octets_.begin());
    std::ranges::copy(record.address, octets_.begin() + mapped.size());
}

std::optional<IpAddress> IpAddress::parse(std::string_view written) {
    std::string const text(written);
    if (text.size() != std::strlen(text.c_str())) return std::nullopt;
    wire::dns::A four;
    if (::inet_pton(AF_INET, text.c_str(), four.address.data()) == 1) return IpAddress(four);
    std::array<unsigned char, 16> six{};
    if (::inet_pton(AF_INET6, text.c_str(), six.data()) == 1) return IpAddress(six);
    return std::nullopt;
}

IpAddress IpAddress::of(sockaddr const& address) {
    IpAddress result;
    if (address.sa_family == AF_INET) {
        wire::dns::A four;
        std::memcpy(four.address.data(), &reinterpret_cast<sockaddr_in const&>(address).sin_addr, four.address.size());
        return IpAddress(four);
    }
    if (address.sa_family == AF_INET6)
        std::memcpy(result.octets_.data(), &reinterpret_cast<sockaddr_in6 const&>(address).sin6_addr,
                    result.octets_.size());
    return result;
}

bool IpAddress::is_ipv4() const { return std::equal(mapped.begin(), mapped.end(), octets_.begin()); }

std::string IpAddress::text() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    bool const four = is_ipv4();
    ::inet_ntop(four ? AF_INET : AF_INET6, octets_.data() + (four ? mapped.size() : 0), text.data(), text.size());
    return text.data();
}

wire::dns::Data IpAddress::record() const {
    if (!is_ipv4()) return wire::dns::Aaaa{octets_};
    wire::dns::A four;
    std::copy(octets_.begin() + mapped.size(), octets_.end(), four.address.begin());
    return four;
}

wire::dns::Name IpAddress::reverse_name() const {
    wire::dns::Name name;
    bool const four = is_ipv4();
    for (std::size_t at = octets_.size(); at > (four ? mapped.size() : 0); --at) {
        unsigned const octet = octets_[at - 1];
        if (four) {
            name.append(std::format("{}", octet));
            continue;
        }
        name.append(std::format("{:x}", octet & 0xFU));
        name.append(std::format("{:x}", octet >> 4U));
    }
    name.append(four ? "in-addr" : "ip6");
    name.append("arpa");
    return name;
}

std::optional<IpAddress> IpAddress::of_reverse_name(wire::dns::Name const& name) {
    std::vector<std::string_view> labels;
    for (std::string_view rest = name.wire(); !rest.empty(); rest = wire::dns::parent_of(rest))
        labels.push_back(rest.substr(1, static_cast<std::size_t>(rest.front())));
    constexpr std::size_t zone_labels = 2, digits_of_word = 4;
    if (labels.size() < zone_labels) return std::nullopt;
    bool const four = labels.at(labels.size() - zone_labels).size() == std::string_view("in-addr").size();
    labels.resize(labels.size() - zone_labels);
    std::string written;
    for (std::size_t left = labels.size(); left > 0; --left) {
        written += labels[left - 1];
        if (left > 1 && (four || left % digits_of_word == 1)) written += four ? '.' : ':';
    }
    auto const address = parse(written);
    return address && address->reverse_name() == name ? address : std::nullopt;
}

IpNetwork::IpNetwork(IpAddress const& address, unsigned length) {
    unsigned const bits = std::min(length + (address.is_ipv4() ? mapped_bits : 0), all_bits);
    std::array<unsigned char, 16> prefix = address.octets(), mask{};
    for (unsigned i = 0; i < mask.size(); ++i) {
        unsigned const kept = bits > 8 * i ? std::min(bits - 8 * i, 8U) : 0;
        mask[i] = static_cast<unsigned char>(0xff00U >> kept);
        prefix[i] &= mask[i];
    }
    prefix_ = words(prefix);
    mask_ = words(mask);
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view written) {
    std::size_t const slash = written.find('/');
    auto const address = IpAddress::parse(written.substr(0, slash));
    if (!address) return std::nullopt;
    unsigned const most = address->is_ipv4() ? all_bits - mapped_bits : all_bits;
    unsigned length = most;
    if (slash != std::string_view::npos) {
        std::string_view const digits = written.substr(slash + 1);
        auto const [end, error] = std::from_chars(digits.begin(), digits.end(), length);
        if (error != std::errc{} || end != digits.end() || length > most) return std::nullopt;
    }
    return IpNetwork(*address, length);
}

bool IpNetwork::contains(IpAddress const& address) const {
    auto const octets = words(address.octets());
    return (octets[0] & mask_[0]) == prefix_[0] && (octets[1] & mask_[1]) == prefix_[1];
}

bool is_loopback(IpAddress const& address) {
    static IpNetwork const networks[] = {*IpNetwork::parse("127.0.0.0/8"), *IpNetwork::parse("::1")};
    return std::ranges::any_of(networks, [&](IpNetwork const& network) { return network.contains(address); });
}

bool is_private(IpAddress const& address) {
    static IpNetwork const networks[] = {
        *IpNetwork::parse("192.168.0.0/16"), *IpNetwork::parse("10.0.0.0/8"), *IpNetwork::parse("172.16.0.0/12"),
        *IpNetwork::parse("127.0.0.0/8"),    *IpNetwork::parse("fe80::/10"),  *IpNetwork::parse("fc00::/7"),
        *IpNetwork::parse("169.254.0.0/16"), *IpNetwork::parse("::1"),
    };
    return std::ranges::any_of(networks, [&](IpNetwork const& network) { return network.contains(address); });
}

} // namespace postern::dns
