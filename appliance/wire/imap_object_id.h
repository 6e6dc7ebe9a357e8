// Identifiers of mailboxes and messages that clients keep (RFC 8474): a letter, then the store's own number, which is
// never used again. Pure.
#pragma once

#include "core/ids.h"

#include <optional>
#include <string>
#include <string_view>

namespace postern::wire::imap {

[[nodiscard]] std::string mailbox_id(core::MailboxId mailbox); // "F17"
[[nodiscard]] std::string email_id(core::MessageId message);   // "M4711"

// The message of that identifier; nothing if none could have it.
[[nodiscard]] std::optional<core::MessageId> parse_email_id(std::string_view id);

// RFC 8474 §4.1: [MAILBOXID (F17)]
[[nodiscard]] std::string mailbox_id_code(core::MailboxId mailbox);

} // namespace postern::wire::imap
