// Copies of what people send, in the mailbox that they have for them (RFC 6154 §2 \Sent). With the setting
// submission.file_sent the server files one with each message that is submitted; where a client puts its own there
// afterwards, as many do, one of the two is enough.
#pragma once

#include "store/messages.h"
#include "store/records.h"
#include "store/transaction.h"

#include <optional>

namespace postern::office {

// The one with that use, or else the one called Sent.
[[nodiscard]] std::optional<store::Mailbox> find_sent_mailbox(store::ReadTransaction const& transaction,
                                                              store::AccountId account);
// The same; made, and subscribed, if it is missing. Errors: no_such_account, over_quota, full.
[[nodiscard]] store::Result<store::MailboxId> make_sent_mailbox(store::WriteTransaction& transaction,
                                                                store::AccountId account, store::WallTime now);

// What the server filed in `mailbox` not long ago under the Message-ID of `message`.
[[nodiscard]] std::optional<store::Uid> find_filed(store::ReadTransaction const& transaction,
                                                   store::Mailbox const& mailbox, store::NewMessage const& message,
                                                   store::WallTime now);

// Puts a message there, which somebody's client brings, in place of one that the server filed: gives the one that is
// there afterwards. That is the server's, with the client's flags added, unless only the client's tells who got a blind
// copy. Errors: those of store::replace.
[[nodiscard]] store::Result<store::AdditionsDone> settle(store::WriteTransaction& transaction,
                                                         store::Mailbox const& mailbox, store::Uid filed,
                                                         store::Addition const& addition, store::Quota const& office,
                                                         store::WallTime now);

} // namespace postern::office
