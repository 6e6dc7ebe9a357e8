#include "wire/imap_object_id.h"

#include <charconv>
#include <format>

namespace postern::wire::imap {

std::string mailbox_id(core::MailboxId mailbox) { return std::format("F{}", core::number(mailbox)); }
std::string email_id(core::MessageId message) { return std::format("M{}", core::number(message)); }

std::optional<core::MessageId> parse_email_id(std::string_view id) {
    std::uint64_t number = 0;
    if (!id.starts_with('M')) return std::nullopt;
    auto const [end, error] = std::from_chars(id.data() + 1, id.data() + id.size(), number);
    auto const message = static_cast<core::MessageId>(number);
    // "M07" is another identifier than "M7"
    if (error != std::errc{} || end != id.data() + id.size() || email_id(message) != id) return std::nullopt;
    return message;
}

std::string mailbox_id_code(core::MailboxId mailbox) { return std::format("[MAILBOXID ({})]", mailbox_id(mailbox)); }

} // namespace postern::wire::imap
