// What happened in a mailbox since a session last looked: how other sessions' changes reach it, and RFC 7162's
// CHANGEDSINCE and VANISHED (EARLIER).
// A mailbox remembers its last max_change_rows changes at most; Mailbox::expunge_floor says from where on it does.
#pragma once

#include "store/error.h"
#include "store/records.h"
#include "store/transaction.h"

#include <cstdint>
#include <span>

namespace postern::store {

constexpr std::uint32_t max_change_rows = 2048; // a mailbox; half of them are forgotten when there are more

// Folded: what was added and expunged again is in neither; `changed` (flags) names none of `added`.
struct Changes {
    ModSeq highest{};
    Uid uid_next{};
    UidSet added;
    UidSet changed;
    UidSet expunged;
};

// For `since` below the floor the store only knows what is there now: `added` then holds every message whose
// mod-sequence is above `since`, and `expunged` every UID that is not there (RFC 7162 §3.2.6 allows both).
// Errors: no_such_mailbox.
Result<Changes> changes_since(ReadTransaction const& transaction, MailboxId mailbox, ModSeq since);

// What a client has to be told that knew the mailbox up to a mod-sequence, and perhaps some of what came later.
struct History {
    UidSet touched;  // there, and new or with other flags
    UidSet expunged; // whether there at that mod-sequence or not
};

// Below the floor, `touched` is exact all the same, and `expunged` every UID that is not there. Errors:
// no_such_mailbox.
Result<History> history_since(ReadTransaction const& transaction, MailboxId mailbox, ModSeq since);

// The same as changes_since and always exact, for a caller that knows what was there at `since`: ascending UIDs.
Result<Changes> changes_since(ReadTransaction const& transaction, MailboxId mailbox, ModSeq since,
                              std::span<Uid const> known);

} // namespace postern::store
