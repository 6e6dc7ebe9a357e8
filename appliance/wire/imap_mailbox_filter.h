// Which mailboxes a command is about (RFC 5465 §6, RFC 7377 §2.2).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace postern::wire::imap {

struct MailboxFilter {
    enum class Kind : std::uint8_t {
        selected,
        selected_delayed,
        inboxes,
        personal,
        subscribed,
        subtree,     // these and all below them
        subtree_one, // these and those just below them
        mailboxes
    } kind;
    std::vector<std::string> names = {}; // of the last three, UTF-8; "" is above all
    friend bool operator==(MailboxFilter const&, MailboxFilter const&) = default;
};

} // namespace postern::wire::imap
