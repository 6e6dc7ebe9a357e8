// Aliases: an address, or a whole domain ("@office.lan"), that stands for other addresses and for mailboxes of the
// office. Those it leads to by number, so that one keeps its address under another name; and one that an alias leads to
// cannot be deleted, so that no mail is taken for what is gone.
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

constexpr std::size_t max_address_octets = 320; // RFC 5321 §4.5.3.1: 64 of local part, "@", 255 of domain
constexpr std::size_t max_alias_targets = 1000;

// Makes or replaces it. Errors: name_invalid (empty or too long an address, no target or too many), no_such_mailbox (or
// none of the office), full.
Result<void> set_alias(WriteTransaction& transaction, Alias const& alias);

// Errors: no_such_alias.
Result<void> remove_alias(WriteTransaction& transaction, std::string_view address);

std::optional<Alias> find_alias(ReadTransaction const& transaction, std::string_view address);
std::vector<Alias> list_aliases(ReadTransaction const& transaction); // by address
// The addresses of those that lead to it.
std::vector<std::string> aliases_to(ReadTransaction const& transaction, MailboxId mailbox);

} // namespace postern::store
