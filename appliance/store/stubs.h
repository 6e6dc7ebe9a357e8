// Stubs: of a large message its header, what it consists of and how its text begins, while the message itself, the
// original, waits at its provider (fetch/). A stub is a message as any other: it may be copied, moved and deleted, and
// the store knows where it lies. Who marks it with \Flagged or $FetchNow, in any mailbox, asks for the original, which
// takes the stub's place wherever it lies, in one change. Once the last of a stub is deleted, nobody wants the
// original.
//
// Invariant: a message is known as a stub as long as its rows say that it is one, each of which is one of its places.
#pragma once

#include "store/error.h"
#include "store/messages.h"
#include "store/records.h"
#include "store/transaction.h"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace postern::store {

constexpr std::string_view fetch_keyword = "$FetchNow";

// Of what was delivered as a stub (Delivery::stub): of which message it is, which is noted as taken (fetches.h).
// Errors: no_such_fetch_source, name_invalid.
Result<void> note_stub(WriteTransaction& transaction, MessageId stub, std::string_view source, Fetched const& fetched,
                       std::uint64_t size);

std::optional<Stub> find_stub(ReadTransaction const& transaction, MessageId message);
// In the order in which they came. Without a source: of all.
std::vector<Stub> list_stubs(ReadTransaction const& transaction, std::optional<std::string_view> source = std::nullopt);

// The original, or what is to be said instead of it, in place of a stub wherever that lies: with its flags, but for
// those that ask. From then on it came whole. Nothing changes where it does not fit into one of the accounts.
// Errors: no_such_message (the stub is gone; or the body), over_quota, full.
Result<MessageId> complete_stub(WriteTransaction& transaction, MessageId stub, NewMessage const& message,
                                Quota const& office, WallTime now);

// The original cannot be had any more.
void lose_stub(WriteTransaction& transaction, MessageId stub);

// ---- for the operations on mailboxes and on sources

// These rows came into the mailbox, or have other flags now; those of stubs count.
void follow_stubs(WriteTransaction& transaction, Mailbox const& mailbox, std::span<IndexRow const> rows);
// These rows left it.
void leave_stubs(WriteTransaction& transaction, MailboxId mailbox, std::span<IndexRow const> rows);
// The original is called otherwise now.
void rename_stub(WriteTransaction& transaction, MessageId stub, std::string_view id);

} // namespace postern::store
