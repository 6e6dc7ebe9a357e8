// COPY (RFC 3501 §6.4.7), MOVE (RFC 6851) and EXPUNGE (RFC 3501 §6.4.3, RFC 4315 §2.1).
#pragma once

#include "imap/session.h"

#include <string_view>

namespace postern::imap {

asio::awaitable<Answer> copy(Session& session, wire::imap::Copy& command);
asio::awaitable<Answer> move(Session& session, wire::imap::Move& command);
asio::awaitable<Answer> expunge(Session& session, wire::imap::Expunge& command);

// The expunges that a command made are announced, whatever NOTIFY said; RFC 7162 §3.2.7: and up to where the client
// knows now what happened.
asio::awaitable<Answer> expunged(Session& session, std::string_view text);

// EXPUNGE without its answer. Errors: no_such_mailbox, not_permitted.
asio::awaitable<store::Result<store::UidSet>> expunge_selected(Session& session, std::optional<store::UidSet> among);

} // namespace postern::imap
