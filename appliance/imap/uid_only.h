// UIDONLY (RFC 9586): once it is enabled, messages have UIDs and no sequence numbers. What the server says is changed
// where it is said; here is what a client may not say any more. Pure.
#pragma once

#include "wire/imap_command.h"

namespace postern::imap {

// Whether a sequence number stands anywhere in the command, or is asked for (§3): by FETCH, SEARCH and the like without
// UID, within the key of a UID SEARCH, in QRESYNC's match data.
[[nodiscard]] bool names_numbers(wire::imap::Command::Body const& command);

} // namespace postern::imap
