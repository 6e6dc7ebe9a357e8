// Single rows, and what must hold between them whichever operation writes them: a mailbox's counts, its change log, a
// message's reference count. For the store's operations; they throw Failure where a row is damaged.
#pragma once

#include "store/codec.h"
#include "store/lmdb.h"
#include "store/records.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::store {

// ---- what administrators call relays and the like: lower-case letters, digits, "-"
[[nodiscard]] bool is_given_name(std::string_view name);

// ---- accounts and names
[[nodiscard]] std::optional<AccountRecord> load_account(ReadTransaction const& transaction, AccountId account);
void save_account(WriteTransaction& transaction, AccountRecord const& record);

[[nodiscard]] std::optional<std::uint32_t> find_name(ReadTransaction const& transaction, AccountId account,
                                                     std::string_view name);
void put_name(WriteTransaction& transaction, AccountId account, std::string_view name, std::uint32_t id);
// Every mailbox name of an account, in no order.
[[nodiscard]] std::vector<NameRow> list_names(ReadTransaction const& transaction, AccountId account);

// Which mailboxes the account has, what they are called or used for, or what is subscribed, is another now: wakes its
// watchers.
void note_listing(WriteTransaction& transaction, AccountId account);
// The same for all who know the mailbox: its owner, and whom its access control list names.
void note_listing(WriteTransaction& transaction, Mailbox const& mailbox);

// ---- mailboxes
[[nodiscard]] std::optional<MailboxRecord> load_mailbox(ReadTransaction const& transaction, MailboxId mailbox);
// The same without \Noselect names.
[[nodiscard]] std::optional<MailboxRecord> load_selectable(ReadTransaction const& transaction, MailboxId mailbox);
void save_mailbox(WriteTransaction& transaction, MailboxRecord& record); // and wakes its watchers

// In place of the list that it has, and nothing for an empty one; and wakes the watchers of those for whom it is
// another.
void save_acl(WriteTransaction& transaction, MailboxId mailbox, Acl const& acl);

// The rows of a mailbox whose messages are gone already; and wakes its watchers.
void erase_mailbox(WriteTransaction& transaction, Mailbox const& mailbox);

// A mailbox with nothing in it; `parent`s exist and the name is free and canonical.
MailboxId make_mailbox(WriteTransaction& transaction, AccountId account, std::string_view name,
                       std::string_view special_use, WallTime now);

// All rows of a mailbox and its messages, not its name.
void remove_mailbox(WriteTransaction& transaction, MailboxId mailbox);

// Higher than every one before, and no less than the time.
[[nodiscard]] UidValidity take_uid_validity(WriteTransaction& transaction, WallTime now);

// Raises HIGHESTMODSEQ and notes `change` under it; forgets the oldest changes when there are too many.
void note_change(WriteTransaction& transaction, MailboxRecord& record, Change const& change);

// ---- rows of the index
void put_index(WriteTransaction& transaction, MailboxId mailbox, IndexRow const& row);
[[nodiscard]] IndexRow decode_index_row(std::string_view key, std::string_view value);

// The mailbox's counts with this row, or without it.
void count_in(Mailbox& mailbox, IndexRow const& row, std::uint64_t size);
void count_out(Mailbox& mailbox, IndexRow const& row, std::uint64_t size);

// Takes rows out of the index; the counts follow, the caller notes the change, saves, and sees to the references.
void take_out_rows(WriteTransaction& transaction, MailboxRecord& record, std::span<IndexRow const> rows);
// The same, and lets their messages go.
void remove_rows(WriteTransaction& transaction, MailboxRecord& record, std::span<IndexRow const> rows);

// ---- messages
[[nodiscard]] MessageView decode_message_row(MessageId message, std::string_view value);
[[nodiscard]] MessageView load_message(ReadTransaction const& transaction, MessageId message);
// How many rows refer to it now.
[[nodiscard]] std::uint32_t count_references(ReadTransaction const& transaction, MessageView const& message);
void refer(WriteTransaction& transaction, MessageId message); // one row more does
// One less does; without any it is garbage, whose record and body are erased later.
void release(WriteTransaction& transaction, MessageId message);

// ---- bodies
void put_body(WriteTransaction& transaction, MessageId message, std::string_view octets);
[[nodiscard]] std::optional<Garbage> load_garbage(ReadTransaction const& transaction, MessageId message);
// Erases a body's chunks, what there is of its message's record, and its garbage row, and lets the message go before
// which it is a heading; returns the number of rows.
std::uint32_t erase_body(WriteTransaction& transaction, MessageId message);

// Appends octets of a body of `size` octets, from `offset` on; `cursor` is in the table of messages. Errors: damaged.
Result<void> read_chunks(Cursor& cursor, MessageId message, std::uint64_t size, std::uint64_t offset,
                         std::uint64_t length, std::string& into);
// The same of a message, heading and all.
Result<void> read_octets(Cursor& cursor, MessageView const& message, std::uint64_t offset, std::uint64_t length,
                         std::string& into);

// The octets in a chunk's value, or nothing when its checksum does not hold.
[[nodiscard]] std::optional<std::string_view> open_chunk(std::string_view value);
[[nodiscard]] std::string make_chunk(std::string_view octets); // the value for these octets

} // namespace postern::store
