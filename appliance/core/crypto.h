// The primitives that SASL, the audit log need, by mbedTLS. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postern::core {

// All digests are raw octets (32 of them for SHA-256), not hexadecimal.
[[nodiscard]] std::string sha256(std::string_view octets);
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view octets);
// RFC 8018 §5.2 with HMAC-SHA-256; 32 octets: the Hi() of RFC 5802 §2.2.
[[nodiscard]] std::string pbkdf2_sha256(std::string_view password, std::string_view salt, std::uint32_t iterations);

// Equal, in a time that depends on the lengths alone.
[[nodiscard]] bool equal_in_constant_time(std::string_view left, std::string_view right) noexcept;

[[nodiscard]] std::string to_hex(std::string_view octets);

} // namespace postern::core
