// APPEND (RFC 3501 §6.3.11, RFC 4315 §3).
#pragma once

#include "imap/session.h"

namespace postern::imap {

asio::awaitable<Answer> append(Session& session, wire::imap::Append& command);

} // namespace postern::imap
