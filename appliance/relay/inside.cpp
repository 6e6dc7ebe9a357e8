#include "relay/inside.h"

#include "core/log.h"
#include "message/address.h"
#include "office/directory.h"
#include "office/mail_events.h"
#include "office/quota.h"
#include "store/delivery.h"
#include "store/queue.h"

#include <algorithm>
#include <set>
#include <utility>

namespace postern::relay {

namespace {

// Of one recipient.
struct Inside {
    store::QueueItem item;
    std::vector<store::AccountId> inboxes{};
    std::vector<store::MailboxId> mailboxes{};
    std::optional<Notice> failure{};
};

Notice refusal(store::QueueItem const& item, std::string said, std::string status) {
    return {NoticeKind::failed, item, std::move(said), std::move(status), {}};
}

// Without those that were seen, which these are from now on.
template <typename Id> std::vector<Id> news(std::vector<Id> ids, std::set<Id>& seen) {
    std::erase_if(ids, [&](Id const id) { return !seen.insert(id).second; });
    return ids;
}

} // namespace

asio::awaitable<store::Result<std::vector<Notice>>> deliver_inside(office::Office& office,
                                                                   std::vector<store::QueueItem> items) {
    auto const delivered = co_await office.storage.write(
        [items = std::move(items), domain = office.domain, settings = office.settings,
         now = office.clock.wall()](store::WriteTransaction& transaction) -> store::Result<std::vector<Inside>> {
            std::vector<Inside> all;
            std::set<store::AccountId> accounts;
            std::set<store::MailboxId> mailboxes;
            for (store::QueueItem const& read : items) {
                auto const current = store::get_queue_item(transaction, read.id);
                if (!current || current->withdrawn) continue; // by its sender, just now
                store::QueueItem const& item = *current;
                Inside one{item};
                auto const mailbox = message::parse_smtp_mailbox(item.recipient, true);
                auto const to =
                    mailbox ? office::resolve(transaction, *mailbox, domain, *settings) : office::Destination{};
                one.inboxes = news(to.local, accounts);
                one.mailboxes = news(to.mailboxes, mailboxes);
                bool const anybody = !one.inboxes.empty() || !one.mailboxes.empty();
                auto const done = anybody ? store::deliver_kept(transaction, item.message, one.inboxes, one.mailboxes,
                                                                office::office_quota(*settings), now)
                                          : store::Result<void>();
                if (!done && done.error() != store::StoreError::over_quota) return std::unexpected(done.error());
                // Whom it led to outside when it was scheduled, has a row of its own.
                if (to.local.empty() && to.mailboxes.empty())
                    one.failure = refusal(item, "550 5.1.1 No such mailbox here any more", "5.1.1");
                if (!done) one.failure = refusal(item, "552 5.2.2 Mailbox full", "5.2.2");
                if (!one.failure) (void)store::remove_queue_item(transaction, item.id);
                all.push_back(std::move(one));
            }
            return all;
        });
    if (!delivered) co_return std::unexpected(delivered.error());
    std::vector<Notice> failures;
    for (Inside const& one : *delivered) {
        if (one.failure)
            failures.push_back(*one.failure);
        else
            office::log_delivered(one.item.message, one.item.recipient, one.inboxes, one.mailboxes);
    }
    co_return failures;
}

} // namespace postern::relay
