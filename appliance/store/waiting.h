// The mailbox in which somebody sees what of theirs waits to leave. Each message in it is a heading, header fields that
// say how it stands, before the message itself, whose body it shares. Who takes it out takes it out of the queue: it is
// never sent; who marks it \Deleted holds it back until the mark goes; who marks it \Flagged has it sent first. Nothing
// can be put into that mailbox, nor can it be renamed or deleted. What is copied or moved from it is the message
// itself. It does not count in the account's usage (quota.h).
#pragma once

#include "store/error.h"
#include "store/records.h"
#include "store/transaction.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::store {

constexpr std::string_view waiting_name = "Waiting for internet";
// RFC 6154 has no use for it; clients are not shown this one.
constexpr std::string_view waiting_use = "\\Waiting";

[[nodiscard]] bool is_waiting(Mailbox const& mailbox);

// A message that is shown.
struct Shown {
    Uid uid{};
    MessageId message{}; // the one that waits
    std::string heading;
};

struct WaitingMailbox {
    MailboxId id{};
    std::vector<Shown> shown;
};
// As it is; nothing: the account has none.
std::optional<WaitingMailbox> waiting_mailbox(ReadTransaction const& transaction, AccountId account);

// What is to be shown of a message. Its structure: message::encode_with_heading.
struct Showing {
    MessageId message{};
    std::string heading;
    std::string structure;
    std::vector<std::string> keywords;
};

// In place of what is shown of these messages, whose flags they keep, and makes the mailbox where there is none; one
// that does not wait any more is passed over. Errors: full, name_invalid, no_such_account.
Result<void> show(WriteTransaction& transaction, AccountId account, std::span<Showing const> showings, WallTime now);
// These wait no more. Those of `uids` alone that do not.
Result<void> hide(WriteTransaction& transaction, MailboxId mailbox, UidSet const& uids);

// ---- for the operations on mailboxes

// These rows are about to leave the mailbox: what waits of their messages goes out of the queue. Errors: being_sent, if
// any of them is under way, or has left; then nothing is changed.
Result<void> recall(WriteTransaction& transaction, Mailbox const& mailbox, std::span<IndexRow const> rows);

// Of these rows other flags than before are set.
void follow_flags(WriteTransaction& transaction, Mailbox const& mailbox, std::span<IndexRow const> rows);

// The message that a row stands for, where it is one of what waits.
MessageId original_of(ReadTransaction const& transaction, MessageId message);

} // namespace postern::store
