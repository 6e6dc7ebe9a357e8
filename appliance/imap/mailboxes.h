// Commands that change mailboxes as such, not their messages (RFC 3501 §6.3.3 to §6.3.7), and STATUS (§6.3.10).
#pragma once

#include "imap/session.h"
#include "store/records.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace postern::imap {

asio::awaitable<Answer> create(Session& session, wire::imap::Create& command);
asio::awaitable<Answer> remove(Session& session, wire::imap::Delete& command);
asio::awaitable<Answer> rename(Session& session, wire::imap::Rename& command);
asio::awaitable<Answer> subscribe(Session& session, wire::imap::Subscribe& command);
asio::awaitable<Answer> unsubscribe(Session& session, wire::imap::Unsubscribe& command);
asio::awaitable<Answer> status(Session& session, wire::imap::Status& command);

// The use that a client spells so (RFC 6154 §2); empty: none that a mailbox can have. \All and \Flagged would be
// mailboxes that show messages of others.
[[nodiscard]] std::string_view find_use(std::string_view name);

// What STATUS says of a mailbox, and LIST with RETURN (STATUS ...). Looks at \Recent and claims nothing.
[[nodiscard]] std::vector<wire::imap::StatusValue> status_values(store::ReadTransaction const& transaction,
                                                                 store::Store& store, store::Mailbox const& mailbox,
                                                                 std::span<wire::imap::StatusItem const> items,
                                                                 std::uint64_t append_limit);

} // namespace postern::imap
