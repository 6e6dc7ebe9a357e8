// COPY (RFC 3501 §6.4.7), MOVE (RFC 6851) and EXPUNGE (RFC 3501 §6.4.3, RFC 4315 §2.1).
#pragma once

#include "imap/session.h"

namespace postern::imap {

asio::awaitable<Answer> copy(Session& session, wire::imap::Copy& command);
asio::awaitable<Answer> move(Session& session, wire::imap::Move& command);
asio::awaitable<Answer> expunge(Session& session, wire::imap::Expunge& command);

} // namespace postern::imap
