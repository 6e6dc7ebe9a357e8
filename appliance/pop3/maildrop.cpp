#include "pop3/maildrop.h"

#include "message/downgrade.h"
#include "office/mail_events.h"
#include "pop3/rendering.h"
#include "store/mailboxes.h"
#include "store/message_reader.h"
#include "store/messages.h"
#include "text/ascii.h"

#include <algorithm>
#include <format>
#include <limits>
#include <utility>

namespace postern::pop3 {

namespace {

store::UidSet everything() {
    store::UidSet uids;
    uids.add_range(1, std::numeric_limits<std::uint32_t>::max());
    return uids;
}

// The envelope knows of most headers whether they are ASCII; of what it does not name, RETR says the size.
std::uint64_t downgraded_size(store::MessageReader& reader, store::MessageView const& message) {
    if (std::ranges::all_of(message.envelope, text::is_ascii)) return message.size;
    std::string beginning;
    if (!reader.read_body(message, 0, slice_octets, beginning)) return message.size;
    auto const downgraded = message::downgrade_header(beginning, beginning.size() == message.size);
    return downgraded ? message.size - downgraded->replaced + downgraded->header.size() : message.size;
}

} // namespace

asio::awaitable<store::Result<Maildrop>> Maildrop::open(office::Storage& storage, store::AccountId account, bool utf8) {
    co_return co_await storage.read(
        [account, utf8](store::ReadTransaction const& transaction) -> store::Result<Maildrop> {
            auto const inbox = store::find_mailbox(transaction, account, "INBOX");
            if (!inbox) return std::unexpected(store::StoreError::no_such_account);
            Maildrop maildrop;
            maildrop.mailbox_ = inbox->id;
            maildrop.uid_validity_ = inbox->uid_validity;
            maildrop.messages_.reserve(inbox->messages);
            store::MessageReader reader(transaction);
            store::for_each_index(transaction, inbox->id, everything(), [&](store::IndexRow const& row) {
                auto const message = reader.find(row.message);
                if (!message) return true; // damaged; the others must not wait for its repair
                std::uint64_t const size = utf8 ? message->size : downgraded_size(reader, *message);
                maildrop.messages_.push_back({row.uid, static_cast<std::uint32_t>(size)});
                maildrop.octets_ += size;
                if (!row.flags.has(core::SystemFlag::seen)) maildrop.unseen_.add(row.uid);
                return true;
            });
            return maildrop;
        });
}

Maildrop::Message const* Maildrop::find(std::uint32_t number) const {
    if (number == 0 || number > messages_.size()) return nullptr;
    Message const& message = messages_[number - 1];
    return is_deleted(message) ? nullptr : &message;
}

std::string Maildrop::unique_id(Message const& message) const {
    return std::format("{}.{}", core::number(uid_validity_), core::number(message.uid));
}

void Maildrop::mark_deleted(Message const& message) {
    deleted_.add(message.uid);
    ++deleted_count_;
    deleted_octets_ += message.size;
}

void Maildrop::unmark_all() {
    deleted_ = {};
    deleted_count_ = 0;
    deleted_octets_ = 0;
}

bool Maildrop::mark_retrieved(Message const& message) {
    if (!unseen_.contains(message.uid) || retrieved_.contains(message.uid)) return false;
    retrieved_.add(message.uid);
    return true;
}

asio::awaitable<store::Result<std::vector<store::MessageId>>> Maildrop::update(office::Storage& storage) const {
    store::UidSet seen = retrieved_;
    seen.remove(deleted_);
    if (seen.empty() && deleted_.empty()) co_return std::vector<store::MessageId>{};
    co_return co_await storage.write(
        [mailbox = mailbox_, validity = uid_validity_, deleted = deleted_,
         seen = std::move(seen)](store::WriteTransaction& transaction) -> store::Result<std::vector<store::MessageId>> {
            auto const record = store::get_mailbox(transaction, mailbox);
            if (!record || record->uid_validity != validity) return std::unexpected(store::StoreError::no_such_mailbox);
            store::FlagChange change;
            change.flags = core::SystemFlag::seen;
            if (auto const stored = store::store_flags(transaction, mailbox, seen, change); !stored)
                return std::unexpected(stored.error());
            auto messages = office::messages_of(transaction, mailbox, deleted);
            if (auto const removed = store::remove(transaction, mailbox, deleted); !removed)
                return std::unexpected(removed.error());
            return messages;
        });
}

} // namespace postern::pop3
