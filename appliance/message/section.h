// Part numbers, as IMAP's BODY[4.1] and BINARY[2] have them (RFC 3501 §6.4.5). Pure; any thread.
#pragma once

#include "message/structure.h"

#include <cstdint>
#include <optional>
#include <span>

namespace postern::message {

// The part of that number: its body is what BODY[numbers] gives, its header what BODY[numbers.MIME] does. No numbers:
// `root`. Part 1 of what is no multipart is that itself; within message/rfc822 the numbers are those of the inner
// message, so that the part's only child is the source of BODY[numbers.HEADER] and BODY[numbers.TEXT]. Nothing if there
// is no such part.
std::optional<PartView> find(PartView const& root, std::span<std::uint32_t const> numbers);

} // namespace postern::message
