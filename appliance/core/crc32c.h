// CRC-32C (RFC 3720 §B.4): the checksum for which processors, ARM's and Intel's, have an instruction. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace postern::core {

[[nodiscard]] std::uint32_t crc32c(std::string_view octets);

// The same where the processor has no such instruction.
[[nodiscard]] std::uint32_t crc32c_by_table(std::string_view octets);

} // namespace postern::core
