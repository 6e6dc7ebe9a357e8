#include "store/delivery.h"

#include "store/mailboxes.h"
#include "store/new_rows.h"
#include "store/queue.h"
#include "store/quota.h"
#include "store/rows.h"

#include <algorithm>
#include <map>
#include <utility>

namespace postern::store {

namespace {

template <typename Id> std::vector<Id> each_once(std::vector<Id> ids) {
    std::ranges::sort(ids);
    auto const repeated = std::ranges::unique(ids);
    ids.erase(repeated.begin(), repeated.end());
    return ids;
}

// The inboxes, the office's mailboxes and that of the sender's copy, if a message of so many octets fits into them.
Result<std::vector<MailboxRecord>> mailboxes_of(WriteTransaction& transaction, Delivery const& delivery,
                                                std::uint64_t size, Quota const& office) {
    std::vector<MailboxRecord> mailboxes;
    for (AccountId account : each_once(delivery.local)) {
        auto const id = find_name(transaction, account, "INBOX");
        auto record = id ? load_selectable(transaction, static_cast<MailboxId>(*id)) : std::nullopt;
        if (!record) return std::unexpected(StoreError::no_such_account);
        mailboxes.push_back(std::move(*record));
    }
    for (MailboxId const id : each_once(delivery.mailboxes)) {
        auto record = load_selectable(transaction, id);
        if (!record) return std::unexpected(StoreError::no_such_mailbox);
        mailboxes.push_back(std::move(*record));
    }
    if (delivery.sent) {
        auto record = load_selectable(transaction, *delivery.sent);
        if (!record) return std::unexpected(StoreError::no_such_mailbox);
        mailboxes.push_back(std::move(*record));
    }
    if (mailboxes.empty() && delivery.outside.empty())
        throw Failure(StoreError::failed, "a delivery without recipients");
    if (!std::ranges::all_of(mailboxes, [](MailboxRecord const& record) { return has_uids(record.mailbox, 1); }))
        return std::unexpected(StoreError::full);
    std::map<AccountId, Usage> added; // the sender may be a recipient as well
    for (MailboxRecord const& record : mailboxes) {
        Usage& usage = added[record.mailbox.account];
        usage = {usage.octets + size, usage.messages + 1};
    }
    for (auto const& [account, usage] : added)
        if (!fits(transaction, account, usage, office)) return std::unexpected(StoreError::over_quota);
    return mailboxes;
}

// As many rows as there are mailboxes and recipients outside.
void add_rows_of(WriteTransaction& transaction, MessageId id, std::uint64_t size, std::vector<MailboxRecord> mailboxes,
                 Delivery const& delivery, WallTime now) {
    for (MailboxRecord& record : mailboxes) {
        IndexRow row;
        row.message = id;
        row.saved = now;
        row.stub = delivery.stub;
        if (record.mailbox.id == delivery.sent) {
            row.flags = core::SystemFlag::seen;
            row.filed = true;
        }
        add_rows(transaction, record, {&row, 1}, [&](std::size_t) { return size; });
        save_mailbox(transaction, record);
    }
    QueueItem item;
    item.message = id;
    item.owner = delivery.owner;
    item.reverse_path = delivery.reverse_path;
    item.envelope_id = delivery.envelope_id;
    item.return_content = delivery.return_content;
    item.body_8bit = delivery.body_8bit;
    item.body_binary = delivery.body_binary;
    item.smtputf8 = delivery.smtputf8;
    item.size = size;
    item.urgency = delivery.urgency;
    item.transfer = delivery.transfer;
    item.scheduled = delivery.transfer.release != WallTime{};
    item.queued = now;
    item.since = link_time(transaction);
    item.next_attempt = item.since;
    for (OutsideRecipient const& outside : delivery.outside) {
        item.recipient = outside.recipient;
        item.wishes = outside.wishes;
        put(transaction, Table::queue, u64_key(take_number(transaction)), encode(item));
        transaction.pending().queue.added = true;
    }
}

} // namespace

Result<MessageId> deliver(WriteTransaction& transaction, NewMessage const& message, Delivery const& delivery,
                          Quota const& office, WallTime now) {
    auto mailboxes = mailboxes_of(transaction, delivery, message.size, office);
    if (!mailboxes) return std::unexpected(mailboxes.error());
    std::size_t const references = mailboxes->size() + delivery.outside.size();
    if (auto const may = may_make(transaction, message, references); !may) return std::unexpected(may.error());
    MessageId const id = make_message(transaction, message, references);
    add_rows_of(transaction, id, message.size, std::move(*mailboxes), delivery, now);
    return id;
}

Result<void> deliver_kept(WriteTransaction& transaction, MessageId message, std::span<AccountId const> local,
                          std::span<MailboxId const> mailboxes, Quota const& office, WallTime now) {
    auto const view = view_message(transaction, message);
    if (!view) return std::unexpected(StoreError::no_such_message);
    auto const size = view->size;
    Delivery delivery{};
    delivery.local = {local.begin(), local.end()};
    delivery.mailboxes = {mailboxes.begin(), mailboxes.end()};
    auto records = mailboxes_of(transaction, delivery, size, office);
    if (!records) return std::unexpected(records.error());
    if (!take_room(transaction, records->size() * 128)) return std::unexpected(StoreError::full); // no body
    for (std::size_t i = 0; i < records->size(); ++i) refer(transaction, message);
    add_rows_of(transaction, message, size, std::move(*records), delivery, now);
    return {};
}

} // namespace postern::store
