// SipHash-2-4 (Aumasson, Bernstein, 2012): a short keyed digest, fast for a few octets, that nobody makes without the
// key. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace postern::core {

using SipKey = std::array<std::uint64_t, 2>;

// Of 16 octets, read as the algorithm does.
[[nodiscard]] SipKey sip_key(std::string_view octets);

[[nodiscard]] std::uint64_t sip_hash(SipKey const& key, std::string_view octets);

} // namespace postern::core
