#include "office/mail_events.h"

#include "core/log.h"
#include "message/envelope.h"
#include "office/journal_record.h"
#include "store/queue.h"
#include "store/waiting.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>

namespace postern::office {

namespace {

using core::number;

// "4711,4712"
template <typename Id> std::string numbers_of(std::span<Id const> ids) {
    std::string numbers;
    for (Id const id : ids) numbers += (numbers.empty() ? "" : ",") + std::to_string(number(id));
    return numbers;
}

// The same, and takes those off the front: as many as a record holds.
std::string take_numbers(std::span<store::MessageId const>& messages) {
    auto const some = messages.first(std::min(messages.size(), most_journal_numbers));
    messages = messages.subspan(some.size());
    return numbers_of(some);
}

} // namespace

std::string message_id_of(store::NewMessage const& message) {
    auto const envelope = message::decode_envelope(message.envelope);
    return envelope ? std::string(envelope->message_id.value_or("")) : std::string();
}

std::vector<store::MessageId> messages_of(store::ReadTransaction const& transaction, store::MailboxId mailbox,
                                          store::UidSet const& uids) {
    std::vector<store::MessageId> messages;
    store::for_each_index(transaction, mailbox, uids, [&](store::IndexRow const& row) {
        messages.push_back(row.message);
        return true;
    });
    return messages;
}

std::vector<store::QueueItem> waiting_of(store::ReadTransaction const& transaction,
                                         std::span<store::MessageId const> messages) {
    std::vector<store::QueueItem> all;
    for (store::MessageId const message : messages)
        std::ranges::move(store::items_of(transaction, store::original_of(transaction, message)),
                          std::back_inserter(all));
    return all;
}

void log_recalled(std::span<store::QueueItem const> items, MailClient const& client) {
    for (store::QueueItem const& item : items)
        core::log(core::Event::message_recalled, {{"item", number(item.id)},
                                                  {"message", number(item.message)},
                                                  {"to", item.recipient},
                                                  {"by", client.login}});
}

void log_delivered(store::MessageId message, std::string_view to, std::span<store::AccountId const> inboxes,
                   std::span<store::MailboxId const> mailboxes) {
    core::log(core::Event::message_delivered, {{"message", number(message)},
                                               {"to", to},
                                               {"accounts", numbers_of(inboxes)},
                                               {"mailboxes", numbers_of(mailboxes)}});
}

void log_read(std::span<store::MessageId const> messages, store::MailboxId mailbox, MailClient const& client) {
    for (store::MessageId const message : messages)
        core::log(core::Event::message_read, {{"message", number(message)},
                                              {"mailbox", number(mailbox)},
                                              {"login", client.login},
                                              {"peer", client.peer_address},
                                              {"service", client.service}});
}

void log_moved(std::span<store::MessageId const> messages, store::MailboxId from, store::MailboxId into,
               MailClient const& client) {
    while (!messages.empty())
        core::log(core::Event::message_moved, {{"messages", take_numbers(messages)},
                                               {"mailbox", number(from)},
                                               {"into", number(into)},
                                               {"login", client.login},
                                               {"peer", client.peer_address},
                                               {"service", client.service}});
}

void log_deleted(std::span<store::MessageId const> messages, store::MailboxId mailbox, MailClient const& client) {
    while (!messages.empty())
        core::log(core::Event::message_deleted, {{"messages", take_numbers(messages)},
                                                 {"mailbox", number(mailbox)},
                                                 {"login", client.login},
                                                 {"peer", client.peer_address},
                                                 {"service", client.service}});
}

} // namespace postern::office
