// Mailboxes and their names (RFC 3501 §5.1, §6.3). A name is UTF-8, levels are divided by "/"; the first level INBOX is
// the same in any case and kept in capitals. Mailbox ids are never used again, and UIDVALIDITY values ascend over the
// whole store, so that a name that is made again never repeats an old one (§2.3.1.1).
// An account owns its mailboxes, and the_office (records.h) those that belong to none; where an account is asked for,
// it may be that one, too.
#pragma once

#include "store/error.h"
#include "store/records.h"
#include "store/transaction.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::store {

constexpr std::size_t max_level_octets = 255;
constexpr std::size_t max_name_octets = 1000;
constexpr std::size_t max_mailboxes = 10'000;     // of an account; beyond: over_quota
constexpr std::size_t max_subscriptions = 10'000; // of an account; beyond: over_quota

// The name as the store keeps it, INBOX in capitals and in Unicode's form C (RFC 9051 §5.1), or name_invalid: not
// UTF-8, a control character (RFC 5198 §2), an empty level, too long.
Result<std::string> canonical_name(std::string_view name);

// Makes missing parents as well (§6.3.3), each with its own parent's access control list (RFC 4314 §4); a "/" at the
// end is ignored. A \Noselect name becomes a mailbox again. Errors: no_such_account, name_invalid, mailbox_exists,
// over_quota, full.
Result<MailboxId> create_mailbox(WriteTransaction& transaction, AccountId account, std::string_view name,
                                 std::string_view special_use, WallTime now);

// Its annotations go too. With children it loses its messages and its access control list, and stays as a \Noselect
// name (§6.3.4).
// Errors: no_such_mailbox, mailbox_has_children (it is \Noselect already), mailbox_protected, mailbox_has_address.
Result<void> delete_mailbox(WriteTransaction& transaction, AccountId account, std::string_view name);

// With its children, and makes missing parents. INBOX itself stays, its messages move (§6.3.5), and its annotations are
// copied. A mailbox gets a new UIDVALIDITY when it is older than one that left a name, since it might take just that
// name. Errors: no_such_mailbox, mailbox_protected, mailbox_exists, name_invalid, over_quota, full.
Result<void> rename_mailbox(WriteTransaction& transaction, AccountId account, std::string_view from,
                            std::string_view to, WallTime now);

// RFC 6154: what the mailbox is for from now on, empty for nothing. A use is one mailbox's of an account: the name of
// the one that had it, if another had, is given. Errors: no_such_mailbox (\Noselect names are for nothing).
Result<std::optional<std::string>> set_special_use(WriteTransaction& transaction, MailboxId mailbox,
                                                   std::string_view special_use);

// A name need not exist (§6.3.6). Errors: no_such_account, name_invalid, over_quota.
Result<void> subscribe(WriteTransaction& transaction, AccountId account, std::string_view name, bool subscribed);

std::optional<Mailbox> find_mailbox(ReadTransaction const& transaction, AccountId account, std::string_view name);
std::optional<Mailbox> get_mailbox(ReadTransaction const& transaction, MailboxId mailbox);
std::vector<Mailbox> list_mailboxes(ReadTransaction const& transaction, AccountId account);         // by name
std::vector<std::string> list_subscriptions(ReadTransaction const& transaction, AccountId account); // by name

} // namespace postern::store
