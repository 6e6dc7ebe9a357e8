// Annotations (RFC 5464 §3): named values that clients keep here, of mailboxes and of the server.
//
// A name begins with /private or /shared and is the same in any case. A private entry is one account's alone; a shared
// one of a mailbox is of the account that has the mailbox, one of the server of nobody. An account's rows lie together,
// in them those of a mailbox. What has no mailbox or no account any more is gone.
//
// /private/specialuse of one's own mailbox is no row: it is Mailbox::special_use (RFC 6154 §4).
#pragma once

#include "store/error.h"
#include "store/records.h"
#include "store/transaction.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::store {

constexpr std::size_t max_entry_name_octets = 255;
constexpr std::size_t max_entry_octets = 64 * 1024;                  // of a value
constexpr std::size_t max_entries = 10'000;                          // of an account, or of nobody
constexpr std::uint64_t max_entries_octets = std::uint64_t{4} << 20; // of an account's: names and values
constexpr std::string_view special_use_entry = "/private/specialuse";

// What is annotated, for whom.
struct Annotated {
    AccountId reader{};
    Mailbox const* mailbox = nullptr; // null: the server
};

// How far below a name (RFC 5464 §4.2.2).
enum class Depth : std::uint8_t { zero, one, infinity };

struct Entry {
    std::string name; // as it was spelled when it was made
    std::string value;
};

// The entry of that name and those below it.
[[nodiscard]] std::vector<Entry> find_entries(ReadTransaction const& transaction, Annotated const& annotated,
                                              std::string_view name, Depth depth);

struct EntryChange {
    std::string name;                 // not special_use_entry
    std::optional<std::string> value; // nothing: it is removed
};

// All of them or none. Errors: over_quota (too many, or too much), name_invalid (too long a name or value), full.
Result<void> set_entries(WriteTransaction& transaction, Annotated const& annotated,
                         std::span<EntryChange const> changes);

// Every entry of `from`, whoever's it is, for `to` as well (§4.1: INBOX, when it is renamed).
void copy_entries(WriteTransaction& transaction, MailboxId from, MailboxId to);
// Every entry of the mailbox, or of the account.
void erase_entries(WriteTransaction& transaction, MailboxId mailbox);
void erase_entries(WriteTransaction& transaction, AccountId account);

} // namespace postern::store
