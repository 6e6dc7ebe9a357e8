// DER (X.690 §8, §10) by hand, for what mbedTLS does not write. Internal to net.
#pragma once

#include <string>
#include <string_view>

namespace postern::net::der {

constexpr char integer = '\x02';
constexpr char octet_string = '\x04';
constexpr char null = '\x05';
constexpr char object_identifier = '\x06';
constexpr char bmp_string = '\x1e';
constexpr char sequence = '\x30';
constexpr char set = '\x31';
constexpr char context_0 = '\x80';          // [0] IMPLICIT of something that is not constructed
constexpr char context_0_explicit = '\xa0'; // [0] EXPLICIT

// Tag, length, content, which is below 64 KiB.
[[nodiscard]] std::string tlv(char tag, std::string_view content);

} // namespace postern::net::der
