// Which of the mailboxes that a login reaches a filter means (RFC 5465 §6, RFC 7377 §2.2). Pure.
#pragma once

#include "office/access.h"
#include "wire/imap_mailbox_filter.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace postern::imap {

// Those that can be selected, that may be read, and that any of `filters` means, each once, by name as `mailboxes` is.
// `selected`: the one that is, if any.
[[nodiscard]] std::vector<office::Reached> filter_mailboxes(std::span<wire::imap::MailboxFilter const> filters,
                                                            std::vector<office::Reached> mailboxes,
                                                            std::vector<std::string> const& subscriptions,
                                                            std::optional<store::MailboxId> selected);

} // namespace postern::imap
