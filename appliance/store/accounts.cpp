#include "store/accounts.h"

#include "store/acl.h"
#include "store/mailboxes.h"
#include "store/metadata.h"
#include "store/quota.h"
#include "store/rows.h"

#include <algorithm>
#include <array>
#include <format>
#include <utility>

namespace postern::store {

namespace {

constexpr std::size_t max_login_octets = 64;        // RFC 5321 §4.5.3.1.1
constexpr std::uint64_t account_octets = 64 * 1024; // more than a new account takes

struct NewMailbox {
    std::string_view name;
    std::string_view special_use; // RFC 6154 §2
};
constexpr std::array new_mailboxes{
    NewMailbox{"INBOX", ""},      NewMailbox{"Drafts", "\\Drafts"}, NewMailbox{"Sent", "\\Sent"},
    NewMailbox{"Junk", "\\Junk"}, NewMailbox{"Trash", "\\Trash"},   NewMailbox{"Archive", "\\Archive"},
};

bool is_login(std::string_view login) {
    return !login.empty() && login.size() <= max_login_octets && std::ranges::none_of(login, [](char c) {
        auto const octet = static_cast<unsigned char>(c);
        return octet <= ' ' || octet == 0x7f || c == '@' || (c >= 'A' && c <= 'Z');
    });
}

// Calls visit(AccountRecord) for each account while it returns true.
template <typename Visit> void for_each_account(ReadTransaction const& transaction, Visit&& visit) {
    for_each_row(transaction, Table::account, "", [&](std::string_view key, std::string_view value) {
        auto const id = u32_at(key, 0);
        auto record = id ? decode_account(static_cast<AccountId>(*id), value) : std::nullopt;
        if (!record) damaged(std::format("account {}", id.value_or(0)));
        return visit(std::move(*record));
    });
}

bool is_passing(Account const& account) { return account.login.starts_with(passing_account); }

// With the usage, which is not stored.
Account complete(ReadTransaction const& transaction, AccountRecord record) {
    record.account.usage = usage_of(transaction, record.account.id);
    return std::move(record.account);
}

} // namespace

Result<AccountId> create_account(WriteTransaction& transaction, std::string_view login, ScramVerifier verifier,
                                 bool administrator, WallTime now) {
    if (!is_login(login)) return std::unexpected(StoreError::name_invalid);
    if (find_name(transaction, logins, login)) return std::unexpected(StoreError::account_exists);
    if (!take_room(transaction, account_octets)) return std::unexpected(StoreError::full);

    auto const id = static_cast<std::uint32_t>(get_number(transaction, meta_last_account) + 1);
    put_number(transaction, meta_last_account, id);
    AccountRecord record;
    record.account.id = static_cast<AccountId>(id);
    record.account.login = login;
    record.account.verifier = std::move(verifier);
    record.account.administrator = administrator;
    record.account.created = now;
    save_account(transaction, record);
    put_name(transaction, logins, login, id);
    for (auto const& [name, special_use] : new_mailboxes) {
        make_mailbox(transaction, record.account.id, name, special_use, now);
        if (auto done = subscribe(transaction, record.account.id, name, true); !done)
            return std::unexpected(done.error());
    }
    return record.account.id;
}

Result<void> remove_account(WriteTransaction& transaction, AccountId account) {
    auto const record = load_account(transaction, account);
    if (!record) return std::unexpected(StoreError::no_such_account);
    for (NameRow const& name : list_names(transaction, account))
        remove_mailbox(transaction, static_cast<MailboxId>(name.id));
    for (MailboxId const mailbox : list_granted(transaction, account))
        if (auto done = set_acl_entry(transaction, mailbox, {account, {}, {}}); !done) return done;
    erase_rows(transaction, Table::name, u32_key(core::number(account)));
    erase_rows(transaction, Table::subscription, u32_key(core::number(account)));
    erase_entries(transaction, account);
    erase(transaction, Table::name, name_key(logins, record->account.login));
    erase(transaction, Table::account, u32_key(core::number(account)));
    return {};
}

bool has_passing_accounts(ReadTransaction const& transaction) {
    bool found = false;
    for_each_account(transaction, [&](AccountRecord const& record) {
        found = is_passing(record.account);
        return !found;
    });
    return found;
}

Result<void> remove_passing_accounts(WriteTransaction& transaction) {
    std::vector<AccountId> passing;
    for_each_account(transaction, [&](AccountRecord const& record) {
        if (is_passing(record.account)) passing.push_back(record.account.id);
        return true;
    });
    for (AccountId const account : passing)
        if (auto done = remove_account(transaction, account); !done) return done;
    return {};
}

Result<void> set_verifier(WriteTransaction& transaction, AccountId account, ScramVerifier verifier) {
    auto record = load_account(transaction, account);
    if (!record) return std::unexpected(StoreError::no_such_account);
    record->account.verifier = std::move(verifier);
    save_account(transaction, *record);
    return {};
}

Result<void> set_certificate(WriteTransaction& transaction, AccountId account, std::string serial) {
    auto record = load_account(transaction, account);
    if (!record) return std::unexpected(StoreError::no_such_account);
    record->account.certificate = std::move(serial);
    save_account(transaction, *record);
    return {};
}

Result<void> set_quota(WriteTransaction& transaction, AccountId account, OwnQuota quota) {
    auto record = load_account(transaction, account);
    if (!record) return std::unexpected(StoreError::no_such_account);
    record->account.quota = quota;
    save_account(transaction, *record);
    return {};
}

std::optional<Account> find_account(ReadTransaction const& transaction, std::string_view login) {
    auto const id = find_login(transaction, login);
    return id ? get_account(transaction, *id) : std::nullopt;
}

std::optional<Account> get_account(ReadTransaction const& transaction, AccountId account) {
    auto record = load_account(transaction, account);
    if (!record) return std::nullopt;
    return complete(transaction, std::move(*record));
}

std::vector<Account> list_accounts(ReadTransaction const& transaction) {
    std::vector<Account> accounts;
    for_each_account(transaction, [&](AccountRecord record) {
        if (!is_passing(record.account)) accounts.push_back(complete(transaction, std::move(record)));
        return true;
    });
    return accounts;
}

std::optional<AccountId> find_login(ReadTransaction const& transaction, std::string_view login) {
    auto const id = find_name(transaction, logins, login);
    return id ? std::optional(static_cast<AccountId>(*id)) : std::nullopt;
}

std::optional<std::string> login_of(ReadTransaction const& transaction, AccountId account) {
    auto record = load_account(transaction, account);
    if (!record) return std::nullopt;
    return std::move(record->account.login);
}

bool is_administrator(ReadTransaction const& transaction, AccountId account) {
    auto const record = load_account(transaction, account);
    return record && record->account.administrator;
}

std::vector<std::string> list_administrators(ReadTransaction const& transaction) {
    std::vector<std::string> administrators;
    for_each_account(transaction, [&](AccountRecord record) {
        if (record.account.administrator) administrators.push_back(std::move(record.account.login));
        return true;
    });
    return administrators;
}

std::optional<AccountId> first_administrator(ReadTransaction const& transaction) {
    std::optional<AccountId> first;
    for_each_account(transaction, [&](AccountRecord const& record) {
        if (record.account.administrator) first = record.account.id;
        return !first;
    });
    return first;
}

} // namespace postern::store
