// Small numbers in few octets: seven bits an octet, least significant first, the top bit set on all but the last. The
// shortest form is the only form.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::core {

inline void put_varint(std::string& out, std::uint64_t value) {
    while (value >= 0x80) {
        out += static_cast<char>(value | 0x80U);
        value >>= 7U;
    }
    out += static_cast<char>(value);
}

// Takes one off the front; nothing when the octets end early, run past 64 bits or are not the shortest form.
inline std::optional<std::uint64_t> take_varint(std::string_view& in) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !in.empty(); shift += 7) {
        auto const octet = static_cast<unsigned char>(in.front());
        in.remove_prefix(1);
        if (shift == 63 && octet > 1) return std::nullopt;
        value |= std::uint64_t{octet & 0x7FU} << shift;
        if (octet < 0x80) {
            if (octet == 0 && shift > 0) return std::nullopt;
            return value;
        }
    }
    return std::nullopt;
}

} // namespace postern::core
