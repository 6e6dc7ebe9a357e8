#include "office/mail_events.h"

#include "core/log.h"
#include "message/envelope.h"
#include "office/journal_record.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace postern::office {

namespace {

using core::number;

// "4711,4712", and takes those off the front: as many as a record holds.
std::string take_numbers(std::span<store::MessageId const>& messages) {
    std::string numbers;
    auto const some = messages.first(std::min(messages.size(), most_journal_numbers));
    for (store::MessageId const message : some)
        numbers += (numbers.empty() ? "" : ",") + std::to_string(number(message));
    messages = messages.subspan(some.size());
    return numbers;
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
