// What people do with their mail, for the log and the journal: a line an event, whatever the protocol. Not logged where
// it is done, in a transaction, but once it is on flash.
#pragma once

#include "store/messages.h"
#include "store/records.h"
#include "store/transaction.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::office {

// Who does it.
struct MailClient {
    std::string_view login;
    std::string_view peer_address;
    std::string_view service; // "imap"
};

// Empty: it has none.
[[nodiscard]] std::string message_id_of(store::NewMessage const& message);

// The messages that are there of these.
[[nodiscard]] std::vector<store::MessageId> messages_of(store::ReadTransaction const& transaction,
                                                        store::MailboxId mailbox, store::UidSet const& uids);

// For a recipient, who was given as `to`.
void log_delivered(store::MessageId message, std::string_view to, std::span<store::AccountId const> inboxes,
                   std::span<store::MailboxId const> mailboxes);
// Whom these messages wait for, as they are shown to who sent them (store/waiting.h).
[[nodiscard]] std::vector<store::QueueItem> waiting_of(store::ReadTransaction const& transaction,
                                                       std::span<store::MessageId const> messages);

// By who sent it.
void log_recalled(std::span<store::QueueItem const> items, MailClient const& client);
void log_read(std::span<store::MessageId const> messages, store::MailboxId mailbox, MailClient const& client);
void log_moved(std::span<store::MessageId const> messages, store::MailboxId from, store::MailboxId into,
               MailClient const& client);
void log_deleted(std::span<store::MessageId const> messages, store::MailboxId mailbox, MailClient const& client);

} // namespace postern::office
