#include "dns/rebinding.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace postern::dns {

using namespace wire::dns;

namespace {

using Four = std::array<unsigned char, 4>;
using Six = std::array<unsigned char, 16>;

bool is_inside(Four const& address) {
    auto const [first, second, third, fourth] = address;
    return first == 0 || first == 10 || first == 127 || (first == 169 && second == 254) ||
           (first == 172 && (second & 0xF0) == 16) || (first == 192 && second == 168);
}

bool is_inside(Six const& address) {
    constexpr Six mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}; // and 96 bits of it are the prefix
    constexpr Six translated{0, 0x64, 0xFF, 0x9B};                  // RFC 6052 §2.1
    constexpr Six none{};
    auto const begins = [&](Six const& prefix) {
        return std::equal(prefix.begin(), prefix.begin() + 12, address.begin());
    };
    // ::, ::1 and what was once written for addresses of IPv4 are in none's range.
    if (begins(mapped) || begins(translated) || begins(none))
        return begins(none) ? address[12] == 0 || is_inside(Four{address[12], address[13], address[14], address[15]})
                            : is_inside(Four{address[12], address[13], address[14], address[15]});
    return (address[0] & 0xFE) == 0xFC || (address[0] == 0xFE && (address[1] & 0x80) != 0); // fe80::/10, fec0::/10
}

template <typename Address> bool any_inside(std::string_view octets) {
    for (; octets.size() >= Address{}.size(); octets.remove_prefix(Address{}.size())) {
        Address address;
        std::ranges::transform(octets.substr(0, address.size()), address.begin(),
                               [](char octet) { return static_cast<unsigned char>(octet); });
        if (is_inside(address)) return true;
    }
    return false;
}

// RFC 9460 §2.2: a priority, a name, and parameters, each a key, a length and a value.
bool hints_lead_inside(std::string_view data) {
    constexpr unsigned ipv4_hint = 4, ipv6_hint = 6;
    auto const number = [&] {
        unsigned const value =
            static_cast<unsigned>(static_cast<unsigned char>(data[0])) << 8 | static_cast<unsigned char>(data[1]);
        data.remove_prefix(2);
        return value;
    };
    data.remove_prefix(std::min<std::size_t>(2, data.size()));
    while (!data.empty()) {
        auto const label = static_cast<unsigned char>(data.front());
        data.remove_prefix(std::min<std::size_t>(1UZ + label, data.size()));
        if (label == 0) break;
    }
    while (data.size() >= 4) {
        unsigned const key = number();
        unsigned const length = number();
        auto const value = data.substr(0, length);
        data.remove_prefix(value.size());
        if (key == ipv4_hint && any_inside<Four>(value)) return true;
        if (key == ipv6_hint && any_inside<Six>(value)) return true;
    }
    return false;
}

} // namespace

bool leads_inside(Record const& record) {
    constexpr auto svcb = Type{64}, https = Type{65}; // RFC 9460 §14.1
    if (auto const* a = std::get_if<A>(&record.data)) return is_inside(a->address);
    if (auto const* aaaa = std::get_if<Aaaa>(&record.data)) return is_inside(aaaa->address);
    if (auto const* opaque = std::get_if<Opaque>(&record.data))
        return (opaque->type == svcb || opaque->type == https) && hints_lead_inside(opaque->octets);
    return false;
}

} // namespace postern::dns
