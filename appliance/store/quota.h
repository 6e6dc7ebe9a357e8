// How much mail an account may hold, and how much it holds (RFC 9208 §3, §5.1, §5.2): octets and messages, over all of
// its mailboxes.
//
// No row has these sums, since each delivery would have to write it. They are summed once from the records of the
// mailboxes, which are thousands in some accounts, and remembered in memory: whatever writes such a record changes what
// is remembered, once it commits. So a change is answered exactly, with all that it and the others of its batch did.
#pragma once

#include "store/records.h"
#include "store/transaction.h"

#include <optional>

namespace postern::store {

[[nodiscard]] Usage usage_of(ReadTransaction const& transaction, AccountId account);

// The account's own limits, and the office's where it has none.
[[nodiscard]] Quota quota_of(Account const& account, Quota const& office);

// Whether there is room in the account for so much more; in one that is not there, there is. Nothing where its
// mailboxes would have to be summed first: that is not for the network thread.
[[nodiscard]] std::optional<bool> fits_at_a_glance(ReadTransaction const& transaction, AccountId account, Usage more,
                                                   Quota const& office);
[[nodiscard]] bool fits(ReadTransaction const& transaction, AccountId account, Usage more, Quota const& office);

} // namespace postern::store
