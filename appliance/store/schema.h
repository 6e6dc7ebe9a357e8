// Where each record lies. All integers in keys are big-endian, so that LMDB's order is the order of the numbers.
//
// What one delivery touches lies side by side, since LMDB writes whole pages: the rows of a mailbox share one table,
// the newest index rows next to its record and its newest changes; a message and its body share another, and no counter
// is kept that can be summed. Measured among 50,000 messages in 50 INBOXes, 2 KiB each: 39 KiB are written for a
// message that is committed alone, 17 in a group of 10, 12 in a group of 50.
//
// | table        | key                                   | value                                                     |
// | ------------ | ------------------------------------- | --------------------------------------------------------- |
// | meta         | name                                  | u64: schema version, chunk size, counters (below)         |
// | account      | account u32                           | Account                                                   |
// | name         | account u32, digest of mailbox name   | NameRow; account 0: digest of a login                     |
// | subscription | account u32, digest of name           | the name, as text                                         |
// | mailbox      | mailbox u32, 1, uid u32               | IndexRow                                                  |
// |              | mailbox u32, 2                        | Mailbox                                                   |
// |              | mailbox u32, 3, complement of modseq  | Change (newest first)                                     |
// |              | mailbox u32, 4                        | Acl, where it says something                              |
// | grant        | account u32 (0: anyone), mailbox u32  | empty: that mailbox's list names that account             |
// | message      | message u64, 0 u32                    | Message, with the number of references it was made with   |
// |              | message u64, n u32 from 1             | CRC-32C u32, body_chunk_size octets of the body           |
// | reference    | message u64                           | Reference: how many there are now, where that differs     |
// | garbage      | message u64                           | Garbage: a body that is spooled, or that nobody refers to |
// | queue        | item u64                              | QueueItem                                                 |
// | metadata     | account u32, mailbox u32, entry       | Entry, its name in lower case in the key; 0: of nobody,   |
// |              |                                       | or of the server                                          |
// | alias        | address                               | Alias                                                     |
// | relay        | name                                  | Relay                                                     |
// | upstream     | name                                  | Upstream                                                  |
// | dns_name     | name                                  | DnsName                                                   |
// | fetch_source | name                                  | FetchSource                                               |
// | fetched      | source, NUL, 1                        | FetchedMailbox                                            |
// |              | source, NUL, 2, id                    | Fetched                                                   |
// |              | NUL, 3, message u64                   | Stub                                                      |
// | setting      | name                                  | the value, as text                                        |
// | audit        | sequence u64                          | AuditRow                                                  |
#pragma once

#include "core/ids.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::store {

enum class Table : std::uint8_t {
    meta,
    account,
    name,
    subscription,
    mailbox,
    grant,
    message,
    reference,
    garbage,
    queue,
    metadata,
    alias,
    relay,
    upstream,
    dns_name,
    fetch_source,
    fetched,
    setting,
    audit,
};
constexpr std::size_t table_count = static_cast<std::size_t>(Table::audit) + 1;

[[nodiscard]] std::string_view table_name(Table table);

// The schema that this program writes; a store with another one is refused.
// 2: a message's record has thread keys; 3: and a search signature; 4: references are counted in a table of their own,
// mailboxes have access control lists, an account's record has limits, and annotations are kept. 5: there are relays,
// and what waits for them counts the link's time. 6: mail is fetched. 7: there are upstreams. 8: and
// records of the office's names.
constexpr std::uint64_t schema_version = 8;
// The oldest one that this program reads; its stores become this one's when they are opened for writing, unless an
// earlier version may still be gone back to (StoreOptions::keep_schema).
constexpr std::uint64_t oldest_schema = 4;
// The one that brought a table; a store of an older one has none, or an empty one.
[[nodiscard]] std::uint64_t came_with(Table table);

// Rows of `meta`.
constexpr std::string_view meta_schema = "schema";
constexpr std::string_view meta_chunk_size = "chunk size";
constexpr std::string_view meta_last_account = "last account";
constexpr std::string_view meta_last_mailbox = "last mailbox";
constexpr std::string_view meta_last_uid_validity = "last uidvalidity";
constexpr std::string_view meta_link_time = "link time"; // queue.h
constexpr std::string_view meta_link_day = "link day";   // queue.h
constexpr std::string_view meta_link_today = "link today";
constexpr std::string_view meta_link_month = "link month";
constexpr std::string_view meta_office_vacated = "office vacated"; // AccountRecord::vacated, of the office
constexpr std::string_view meta_number_limit =
    "number limit"; // messages and queue items: all numbers below may be taken

// Which row of a mailbox; the second part of its key.
enum class MailboxRow : std::uint8_t { index = 1, record = 2, change = 3, acl = 4 };

// Which row of a source; its key is the source's name, NUL and this. Stubs are found by their message: theirs stand
// under no name.
enum class FetchedRow : std::uint8_t { mailbox = 1, message = 2, stub = 3 };

void append_big_endian(std::string& key, std::uint32_t number);
void append_big_endian(std::string& key, std::uint64_t number);

// The big-endian number at `offset`; nothing when the key is too short.
[[nodiscard]] std::optional<std::uint32_t> u32_at(std::string_view key, std::size_t offset);
[[nodiscard]] std::optional<std::uint64_t> u64_at(std::string_view key, std::size_t offset);

[[nodiscard]] std::string u32_key(std::uint32_t number);
[[nodiscard]] std::string u64_key(std::uint64_t number);

// Of annotations (metadata.h), where a number stands for no account and for no mailbox.
constexpr core::AccountId nobody{0};
constexpr core::MailboxId server{0};

// No account has this number: logins stand under it in the table of names.
constexpr core::AccountId logins{0};

// LMDB's keys end at 511 octets and names need not, so a name is found by the first 16 octets of its SHA-256.
[[nodiscard]] std::string name_key(core::AccountId account, std::string_view name);

[[nodiscard]] std::string mailbox_key(core::MailboxId mailbox);
[[nodiscard]] std::string index_key(core::MailboxId mailbox, core::Uid uid);
[[nodiscard]] std::string change_key(core::MailboxId mailbox, core::ModSeq modseq);
[[nodiscard]] std::string acl_key(core::MailboxId mailbox);
// What all keys of one kind of row of a mailbox begin with.
[[nodiscard]] std::string mailbox_rows(core::MailboxId mailbox, MailboxRow row);

[[nodiscard]] std::string grant_key(core::AccountId who, core::MailboxId mailbox);

// What the keys of an account's annotations of a mailbox begin with; the entry's name in lower case follows.
[[nodiscard]] std::string metadata_rows(core::AccountId account, core::MailboxId mailbox);

// What all keys of one kind of row of a source begin with.
[[nodiscard]] std::string fetched_rows(std::string_view source, FetchedRow row);
[[nodiscard]] std::string stub_key(core::MessageId message);

// Part 0 is the message's record, part n the n-th chunk of its body.
[[nodiscard]] std::string message_key(core::MessageId message, std::uint32_t part);

} // namespace postern::store
