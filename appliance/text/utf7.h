// Modified UTF-7, how IMAP4rev1 spells mailbox names (RFC 3501 §5.1.3). Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::text {

// A name as the wire has it to UTF-8. Strict, so that a mailbox has one spelling: 8-bit octets, controls, printable
// ASCII within a shift, shifts that touch ("&...-&...-"), padding bits that are not zero and lone surrogates are
// refused.
std::optional<std::string> utf7_decode(std::string_view name);

// Broken UTF-8 is encoded as U+FFFD.
std::string utf7_encode(std::string_view utf8);

} // namespace postern::text
