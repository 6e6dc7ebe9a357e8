// Accounts: who has mail here. Logins are unique; an account's octets and messages are the sums over its mailboxes.
// Operations throw nothing that a caller handles: Store::write and Store::read turn failures into a StoreError.
#pragma once

#include "store/error.h"
#include "store/records.h"
#include "store/transaction.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::store {

// Makes INBOX and Drafts, Sent, Junk, Trash and Archive with their special uses (RFC 6154), all subscribed.
// Errors: account_exists; name_invalid for a login that is not a lower-case Local-part of at most 64 octets; full.
Result<AccountId> create_account(WriteTransaction& transaction, std::string_view login, ScramVerifier verifier,
                                 bool administrator, WallTime now);

// Everything of it goes, except what it submitted and is still queued. Errors: no_such_account.
Result<void> remove_account(WriteTransaction& transaction, AccountId account);

// The box's own, made to be removed soon, whose logins begin so: nobody is shown them, and none of an administrator's
// can be named like that.
inline constexpr char passing_account = '~';
bool has_passing_accounts(ReadTransaction const& transaction);
// All of them, as remove_account does.
Result<void> remove_passing_accounts(WriteTransaction& transaction);

// Errors: no_such_account.
Result<void> set_verifier(WriteTransaction& transaction, AccountId account, ScramVerifier verifier);
Result<void> set_quota(WriteTransaction& transaction, AccountId account, OwnQuota quota);

// Instead of any other. Errors: no_such_account.
Result<void> set_certificate(WriteTransaction& transaction, AccountId account, std::string serial);

std::optional<Account> find_account(ReadTransaction const& transaction, std::string_view login);
std::optional<Account> get_account(ReadTransaction const& transaction, AccountId account);
std::vector<Account> list_accounts(ReadTransaction const& transaction); // in the order they were made; no passing ones

// Only who it is, without the account's usage.
std::optional<AccountId> find_login(ReadTransaction const& transaction, std::string_view login);
std::optional<std::string> login_of(ReadTransaction const& transaction, AccountId account);
bool is_administrator(ReadTransaction const& transaction, AccountId account);
std::vector<std::string> list_administrators(ReadTransaction const& transaction); // logins, in the order of accounts
std::optional<AccountId> first_administrator(ReadTransaction const& transaction); // the one that was made first

} // namespace postern::store
