// Mailbox names as a login sees them, in three namespaces (RFC 2342 §3): its own mailboxes stand at the root, what
// other accounts share with it under "Other Users/LOGIN/", and what belongs to the office under "Shared/". Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::office {

constexpr std::string_view other_users_prefix = "Other Users/";
constexpr std::string_view shared_prefix = "Shared/";

enum class Namespace : std::uint8_t { personal, other_users, shared };

struct MailboxName {
    Namespace in = Namespace::personal;
    std::string_view login; // whose mailbox it is, of other_users
    std::string_view name;  // as its owner calls it
};

// Which mailbox a name stands for; points into it. Nothing for one that has others below it at most ("Shared",
// "Other Users/bob"), and for INBOX under "Shared/", since the office has no INBOX.
[[nodiscard]] std::optional<MailboxName> parse_mailbox_name(std::string_view name);
[[nodiscard]] std::string to_string(MailboxName const& name);

// The name as LIST tells it, whether there is such a mailbox or not: with INBOX in capitals, and without "/" at its
// end. Nothing for what no mailbox can be called.
[[nodiscard]] std::optional<std::string> canonical_mailbox_name(std::string_view name);

// The name of the level above in the hierarchy, "a/b" of "a/b/c"; that of the first level is "".
[[nodiscard]] std::string_view name_above(std::string_view name);

} // namespace postern::office
