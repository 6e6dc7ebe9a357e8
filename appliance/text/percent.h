// Percent-encoding of octets in URIs (RFC 3986 §2.1). Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::text {

// What is not encoded stays as it is. Nothing: a "%" is not followed by two hexadecimal digits.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view encoded);

// All but what is reserved for nothing (§2.3), and what is in `plain`.
[[nodiscard]] std::string percent_encode(std::string_view octets, std::string_view plain = {});

} // namespace postern::text
