// Where what is in a DNS message (RFC 1035 §4.1), for its codecs. Internal to wire.
#pragma once

#include <cstdint>

namespace postern::wire::dns {

// The second 16 bits of the header.
inline constexpr unsigned response_bit = 0x8000, authoritative_bit = 0x0400, truncated_bit = 0x0200,
                          desired_bit = 0x0100, available_bit = 0x0080, authentic_bit = 0x0020,
                          checking_disabled_bit = 0x0010;
inline constexpr unsigned opcode_shift = 11, opcode_mask = 0x0F, code_mask = 0x0F;

// RFC 1035 §4.1.4: what begins so, in the two high bits of a length, leads elsewhere.
inline constexpr unsigned pointer_mark = 0xC0;

// RFC 6891 §6.1.3: of the time to live of an OPT record.
inline constexpr std::uint32_t dnssec_ok_bit = 0x8000;

} // namespace postern::wire::dns
