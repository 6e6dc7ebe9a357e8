// CRC-32C (RFC 3720 §B.4): the checksum for which processors, ARM's and Intel's, have an instruction. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace postern::core {

// `before`: of what comes before these octets, to go on from there.
[[nodiscard]] std::uint32_t crc32c(std::string_view octets, std::uint32_t before = 0);

// The same where the processor has no such instruction.
[[nodiscard]] std::uint32_t crc32c_by_table(std::string_view octets, std::uint32_t before = 0);

} // namespace postern::core
