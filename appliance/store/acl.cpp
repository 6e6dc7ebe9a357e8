#include "store/acl.h"

#include "store/rows.h"

#include <algorithm>
#include <format>
#include <limits>

namespace postern::store {

namespace {

constexpr std::uint64_t entry_octets = 64; // more than an entry and its row in the other table take

} // namespace

Acl get_acl(ReadTransaction const& transaction, MailboxId mailbox) {
    auto const value = get(transaction, Table::mailbox, acl_key(mailbox));
    if (!value) return {};
    auto acl = decode_acl(*value);
    if (!acl) damaged(std::format("the access control list of mailbox {}", core::number(mailbox)));
    return std::move(*acl);
}

AclEntry get_acl_entry(ReadTransaction const& transaction, MailboxId mailbox, AccountId who) {
    for (AclEntry const& entry : get_acl(transaction, mailbox))
        if (entry.who == who) return entry;
    return {who, {}, {}};
}

Result<void> set_acl_entry(WriteTransaction& transaction, MailboxId mailbox, AclEntry const& entry) {
    auto const record = load_mailbox(transaction, mailbox);
    if (!record) return std::unexpected(StoreError::no_such_mailbox);
    bool const says_something = !entry.granted.empty() || !entry.denied.empty();
    Acl acl = get_acl(transaction, mailbox);
    if (says_something && !take_room(transaction, (acl.size() + 1) * entry_octets))
        return std::unexpected(StoreError::full);
    std::erase_if(acl, [&](AclEntry const& other) { return other.who == entry.who; });
    if (says_something) acl.insert(std::ranges::lower_bound(acl, entry.who, {}, &AclEntry::who), entry);
    save_acl(transaction, mailbox, acl);
    // No mod-sequence tells of it, so that watchers look whatever they have seen.
    transaction.pending().touched[mailbox] = {record->mailbox.uid_validity,
                                              static_cast<ModSeq>(std::numeric_limits<std::uint64_t>::max())};
    return {};
}

std::vector<MailboxId> list_granted(ReadTransaction const& transaction, AccountId who) {
    std::vector<MailboxId> mailboxes;
    for_each_row(transaction, Table::grant, u32_key(core::number(who)), [&](std::string_view key, std::string_view) {
        auto const mailbox = u32_at(key, 4);
        if (!mailbox) damaged(std::format("what account {} was granted", core::number(who)));
        mailboxes.push_back(static_cast<MailboxId>(*mailbox));
        return true;
    });
    return mailboxes;
}

void save_acl(WriteTransaction& transaction, MailboxId mailbox, Acl const& acl) {
    Acl const before = get_acl(transaction, mailbox);
    for (AclEntry const& entry : before) {
        erase(transaction, Table::grant, grant_key(entry.who, mailbox));
        if (!std::ranges::contains(acl, entry)) note_listing(transaction, entry.who);
    }
    for (AclEntry const& entry : acl) {
        put(transaction, Table::grant, grant_key(entry.who, mailbox), "");
        if (!std::ranges::contains(before, entry)) note_listing(transaction, entry.who);
    }
    if (acl.empty())
        erase(transaction, Table::mailbox, acl_key(mailbox));
    else
        put(transaction, Table::mailbox, acl_key(mailbox), encode(acl));
}

} // namespace postern::store
