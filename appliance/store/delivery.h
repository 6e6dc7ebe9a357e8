// Mail that comes in: into the INBOX of whom it is for, into mailboxes of the office, and into the queue.
#pragma once

#include "store/error.h"
#include "store/messages.h"
#include "store/records.h"
#include "store/transaction.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace postern::store {

struct OutsideRecipient {
    std::string recipient;
    DsnWishes wishes;
};

// What one mail transaction asks for (RFC 5321 §3.3). At least one recipient.
struct Delivery {
    std::vector<AccountId> local;       // into INBOX, each once
    std::vector<MailboxId> mailboxes{}; // of the office, each once
    std::vector<OutsideRecipient> outside;
    AccountId owner{}; // who submitted it, if anyone did
    std::string reverse_path;
    std::string envelope_id;
    std::string return_content;
    bool body_8bit = false;
    bool body_binary = false;
    bool smtputf8 = false;
    Urgency urgency = Urgency::normal;
    TransferWishes transfer{};          // of those outside
    std::optional<MailboxId> sent = {}; // gets the sender's copy, \Seen and marked as filed
    bool stub = false;                  // of a message that is elsewhere (stubs.h): for local recipients alone
};

// One message, an index row for each local recipient, each mailbox and the sender's copy, a queue row for each outside
// one; or nothing, if it does not fit into one of the accounts. Errors: no_such_account, no_such_mailbox,
// no_such_message (the body), over_quota, full.
Result<MessageId> deliver(WriteTransaction& transaction, NewMessage const& message, Delivery const& delivery,
                          Quota const& office, WallTime now);

// A message that is here, as it waits, into the INBOX of these accounts and into these mailboxes of the office; one
// at least. Errors: as of deliver.
Result<void> deliver_kept(WriteTransaction& transaction, MessageId message, std::span<AccountId const> local,
                          std::span<MailboxId const> mailboxes, Quota const& office, WallTime now);

} // namespace postern::store
