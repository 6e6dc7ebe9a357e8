// New messages and new rows: what the operations have in common that bring some into a mailbox.
#pragma once

#include "store/error.h"
#include "store/messages.h"
#include "store/records.h"
#include "store/rows.h"
#include "store/transaction.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace postern::store {

// Whether a new message can be made: its body is there, and there is room for it and for `rows` rows. Errors:
// no_such_message, full.
Result<void> may_make(WriteTransaction& transaction, NewMessage const& message, std::size_t rows);
// After that.
MessageId make_message(WriteTransaction& transaction, NewMessage const& message, std::size_t references);

// RFC 3501 §2.3.1.1: UIDs ascend and never come again, so after the last there is no room whatever the disk says.
[[nodiscard]] bool has_uids(Mailbox const& mailbox, std::size_t more);

// New rows at the end of the mailbox, with one change; they get their UIDs and mod-sequence, the caller saves the
// mailbox. `size_of` gives the octets of a row's message.
UidSet add_rows(WriteTransaction& transaction, MailboxRecord& record, std::span<IndexRow> rows,
                std::function<std::uint64_t(std::size_t)> const& size_of);

// What these messages take in the account that they come into.
[[nodiscard]] Usage size_of(ReadTransaction const& transaction, std::span<IndexRow const> rows);

} // namespace postern::store
