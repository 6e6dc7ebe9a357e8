// LIST and LSUB (RFC 3501 §6.3.8, §6.3.9) with CHILDREN (RFC 3348), SPECIAL-USE (RFC 6154), LIST-EXTENDED (RFC 5258),
// LIST-STATUS (RFC 5819), LIST-MYRIGHTS (RFC 8440) and LIST-METADATA (RFC 9590); and XLIST, as old clients know it.
#pragma once

#include "imap/session.h"
#include "office/access.h"

#include <string>
#include <vector>

namespace postern::imap {

asio::awaitable<Answer> list(Session& session, wire::imap::List& command);

// One line of the answer.
struct Listed {
    std::string name;
    std::vector<std::string> attributes;      // "\HasChildren", "\Sent"
    std::vector<std::string> child_info = {}; // selection options by which there are children (RFC 5258 §3.5)
    bool chosen = true;                       // false: only shown for the sake of its children
    office::Reached const* mailbox = nullptr; // null: there is only a subscription, or a level of others' names
};

// What of the mailboxes that a login may look up and of its subscriptions, both by name, a LIST or LSUB asks for, by
// name. Pure; points into `mailboxes`.
[[nodiscard]] std::vector<Listed> select_listed(wire::imap::List const& command,
                                                std::vector<office::Reached> const& mailboxes,
                                                std::vector<std::string> const& subscriptions);

} // namespace postern::imap
