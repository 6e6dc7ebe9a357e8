#include "net/interface.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <ios>
#include <iterator>
#include <memory>
#include <span>
#include <sstream>
#include <utility>

namespace postern::net {

namespace {

std::string written(sockaddr const* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    void const* octets = nullptr;
    if (address->sa_family == AF_INET) octets = &reinterpret_cast<sockaddr_in const*>(address)->sin_addr;
    if (address->sa_family == AF_INET6) octets = &reinterpret_cast<sockaddr_in6 const*>(address)->sin6_addr;
    if (octets == nullptr || ::inet_ntop(address->sa_family, octets, text.data(), text.size()) == nullptr) return {};
    return text.data();
}

// The address that the system would send from. To connect a UDP socket sends nothing.
template <typename Address> std::string source_towards(Address const& there) {
    int const descriptor = ::socket(reinterpret_cast<sockaddr const&>(there).sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return {};
    sockaddr_storage here{};
    socklen_t size = sizeof here;
    bool const found = ::connect(descriptor, reinterpret_cast<sockaddr const*>(&there), sizeof there) == 0 &&
                       ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&here), &size) == 0;
    ::close(descriptor);
    return found ? written(reinterpret_cast<sockaddr const*>(&here)) : std::string();
}

unsigned prefix_length(sockaddr const* mask) {
    if (mask == nullptr) return 0;
    bool const four = mask->sa_family == AF_INET;
    auto const* octets =
        four ? reinterpret_cast<unsigned char const*>(&reinterpret_cast<sockaddr_in const*>(mask)->sin_addr)
             : reinterpret_cast<sockaddr_in6 const*>(mask)->sin6_addr.s6_addr;
    unsigned bits = 0;
    for (unsigned char const octet : std::span(octets, four ? 4 : 16))
        bits += static_cast<unsigned>(std::popcount(octet));
    return bits;
}

} // namespace

std::vector<std::string> passing_addresses(std::string_view if_inet6) {
    constexpr unsigned passing = IFA_F_TEMPORARY | IFA_F_DADFAILED | IFA_F_DEPRECATED | IFA_F_TENTATIVE;
    std::vector<std::string> addresses;
    std::istringstream lines{std::string(if_inet6)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string digits, index, length, scope;
        unsigned flags = 0;
        words >> digits >> index >> length >> scope >> std::hex >> flags;
        sockaddr_in6 address{};
        address.sin6_family = AF_INET6;
        constexpr std::size_t octet_digits = 2;
        if (!words || digits.size() != octet_digits * sizeof address.sin6_addr || (flags & passing) == 0) continue;
        for (std::size_t i = 0; i < sizeof address.sin6_addr; ++i)
            std::from_chars(&digits[octet_digits * i], &digits[octet_digits * i] + octet_digits,
                            address.sin6_addr.s6_addr[i], 16);
        addresses.push_back(written(reinterpret_cast<sockaddr const*>(&address)));
    }
    return addresses;
}

std::vector<InterfaceAddress> interface_addresses() {
    std::ifstream file("/proc/self/net/if_inet6"); // where there is no IPv6 there is none
    auto const passing = passing_addresses(std::string(std::istreambuf_iterator<char>(file), {}));
    std::vector<InterfaceAddress> addresses;
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) return addresses;
    std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> const all(first, &::freeifaddrs);
    for (ifaddrs const* one = first; one != nullptr; one = one->ifa_next) {
        if (one->ifa_addr == nullptr) continue;
        auto address = written(one->ifa_addr);
        if (address.empty()) continue;
        bool const lasting = !std::ranges::contains(passing, address);
        addresses.push_back({std::move(address), prefix_length(one->ifa_netmask), one->ifa_name, lasting});
    }
    std::ranges::sort(addresses, {}, &InterfaceAddress::address);
    return addresses;
}

// Each has an entry of its link, with an address or without.
std::vector<InterfaceState> interface_states() {
    std::vector<InterfaceState> states;
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) return states;
    std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> const all(first, &::freeifaddrs);
    for (ifaddrs const* one = first; one != nullptr; one = one->ifa_next)
        if (one->ifa_addr != nullptr && one->ifa_addr->sa_family == AF_PACKET)
            states.push_back({one->ifa_name, (one->ifa_flags & IFF_RUNNING) != 0});
    std::ranges::sort(states, {}, &InterfaceState::name);
    return states;
}

std::string interface_of(std::string_view local_address) {
    ifaddrs* first = nullptr;
    if (local_address.empty() || ::getifaddrs(&first) != 0) return {};
    std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> const all(first, &::freeifaddrs);
    for (ifaddrs const* one = first; one != nullptr; one = one->ifa_next)
        if (one->ifa_addr != nullptr && written(one->ifa_addr) == local_address) return one->ifa_name;
    return {};
}

// proc(5): the interface, the destination, the gateway and more of each route, in hexadecimal, as they lie in memory.
std::string router_of(std::string_view interface) {
    std::ifstream routes("/proc/net/route");
    std::string line, name;
    std::getline(routes, line);
    while (std::getline(routes, line)) {
        std::istringstream words(line);
        std::uint32_t destination = 0, gateway = 0;
        words >> name >> std::hex >> destination >> gateway;
        if (!words || name != interface || destination != 0 || gateway == 0) continue;
        std::array<char, INET_ADDRSTRLEN> text{};
        ::inet_ntop(AF_INET, &gateway, text.data(), text.size());
        return text.data();
    }
    return {};
}

std::string interface_to_outside() {
    // RFC 5737 §3, RFC 3849: addresses of nobody, which are reached by the default route.
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(9);
    ::inet_pton(AF_INET, "192.0.2.1", &four.sin_addr);
    if (auto const name = interface_of(source_towards(four)); !name.empty()) return name;
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(9);
    ::inet_pton(AF_INET6, "2001:db8::1", &six.sin6_addr);
    return interface_of(source_towards(six));
}

} // namespace postern::net
