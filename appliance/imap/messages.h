// Which messages of the selected mailbox a command means.
#pragma once

#include "imap/answer.h"
#include "imap/mailbox_view.h"
#include "wire/imap_sequence_set.h"

#include <cstddef>
#include <expected>

namespace postern::imap {

// What a set means without looking whether it is there: UIDs if `uid`, else the UIDs of those sequence numbers that are
// in use; of "$" (RFC 5182) in both cases what was saved.
[[nodiscard]] core::UidSet uids_of(MailboxView const& view, wire::imap::SequenceSet const& messages, bool uid);

struct Meant {
    core::UidSet uids;    // that are there, as far as this session knows
    bool missing = false; // sequence numbers of messages that are known to be expunged were among them
};

// UIDs that are not there are passed over (RFC 3501 §6.4.8); a sequence number that is not in use is BAD (§9,
// seq-number), unless it comes from a range to "*": an empty mailbox is no mistake of the client.
[[nodiscard]] std::expected<Meant, Answer> find_messages(MailboxView const& view,
                                                         wire::imap::SequenceSet const& messages, bool uid);

} // namespace postern::imap
