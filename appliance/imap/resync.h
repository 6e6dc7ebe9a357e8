// What a client that comes back has missed of a mailbox (RFC 7162 §3.2.5, §3.2.6): from the mailbox's remembered
// changes, so that it costs what happened, not what is there.
#pragma once

#include "imap/sequence_numbers.h"
#include "store/changes.h"
#include "wire/imap_command.h"

namespace postern::imap {

struct Missed {
    core::UidSet touched;  // whose flags are to be told: new, or changed
    core::UidSet vanished; // expunged
};

// For SELECT: of the messages that the client says it knows, where the mailbox has `numbers` now. Errors:
// no_such_mailbox.
[[nodiscard]] store::Result<Missed> missed_since(store::ReadTransaction const& transaction, store::MailboxId mailbox,
                                                 SequenceNumbers const& numbers, wire::imap::Resync const& resync);

// RFC 7162 §3.2.5.2: up to which UID the client knows of every expunge, since a sequence number that it names still
// belongs to the UID that it names; 0 if none does.
[[nodiscard]] core::Uid known_up_to(SequenceNumbers const& numbers, wire::imap::Resync const& resync);

} // namespace postern::imap
