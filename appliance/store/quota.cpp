#include "store/quota.h"

#include "store/rows.h"
#include "store/waiting.h"

#include <format>

namespace postern::store {

namespace {

// What is remembered, in a change with what it did.
std::optional<Usage> remembered(ReadTransaction const& transaction, AccountId account) {
    Snapshot& snapshot = transaction.snapshot();
    return snapshot.sealing != nullptr ? snapshot.usage_of(account) : snapshot.environment.sums().of(account);
}

// What has to be compared with the account's usage; nothing: there are no limits.
std::optional<Quota> limits_of(ReadTransaction const& transaction, AccountId account, Quota const& office) {
    auto const record = load_account(transaction, account);
    auto const quota = record ? quota_of(record->account, office) : Quota{};
    return quota == Quota{} ? std::nullopt : std::optional(quota);
}

bool fits(Usage const& usage, Usage const& more, Quota const& quota) {
    auto const below = [](std::uint64_t held, std::uint64_t added, std::uint64_t limit) {
        return added <= limit && held <= limit - added;
    };
    return below(usage.octets, more.octets, quota.octets) && below(usage.messages, more.messages, quota.messages);
}

} // namespace

Usage usage_of(ReadTransaction const& transaction, AccountId account) {
    if (auto const usage = remembered(transaction, account)) return *usage;
    Usage usage;
    for (NameRow const& name : list_names(transaction, account)) {
        auto const mailbox = load_mailbox(transaction, static_cast<MailboxId>(name.id));
        if (!mailbox) damaged(std::format("mailbox {}", name.id));
        if (is_waiting(mailbox->mailbox)) continue;
        usage.octets += mailbox->mailbox.octets;
        usage.messages += mailbox->mailbox.messages;
    }
    Snapshot& snapshot = transaction.snapshot();
    if (snapshot.sealing != nullptr)
        snapshot.usage_of(account) = usage;
    else
        snapshot.environment.sums().remember(account, usage, mdb_txn_id(snapshot.transaction));
    return usage;
}

Quota quota_of(Account const& account, Quota const& office) {
    return {account.quota.octets.value_or(office.octets), account.quota.messages.value_or(office.messages)};
}

std::optional<bool> fits_at_a_glance(ReadTransaction const& transaction, AccountId account, Usage more,
                                     Quota const& office) {
    auto const quota = limits_of(transaction, account, office);
    if (!quota) return true;
    auto const usage = remembered(transaction, account);
    if (!usage) return std::nullopt;
    return fits(*usage, more, *quota);
}

bool fits(ReadTransaction const& transaction, AccountId account, Usage more, Quota const& office) {
    auto const quota = limits_of(transaction, account, office);
    return !quota || fits(usage_of(transaction, account), more, *quota);
}

} // namespace postern::store
