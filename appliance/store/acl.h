// Access control lists (RFC 4314 §2): who else than its owner may do what with a mailbox. A list names accounts by
// their numbers, which are never given twice: whoever gets the login of an account that was removed inherits nothing.
// A mailbox keeps its list under another name; one that is made inherits its parent's (§4).
#pragma once

#include "store/error.h"
#include "store/records.h"
#include "store/transaction.h"

#include <vector>

namespace postern::store {

[[nodiscard]] Acl get_acl(ReadTransaction const& transaction, MailboxId mailbox);
// What it says of one; no rights where it does not name him.
[[nodiscard]] AclEntry get_acl_entry(ReadTransaction const& transaction, MailboxId mailbox, AccountId who);

// What the list says of `entry.who` from now on; without any rights, nothing. Wakes whoever watches the mailbox.
// Errors: no_such_mailbox, full.
Result<void> set_acl_entry(WriteTransaction& transaction, MailboxId mailbox, AclEntry const& entry);

// The mailboxes whose lists name it, in the order in which they were made.
[[nodiscard]] std::vector<MailboxId> list_granted(ReadTransaction const& transaction, AccountId who);

} // namespace postern::store
