// APPEND (RFC 3501 §6.3.11, RFC 3502, RFC 4315 §3) and REPLACE (RFC 8508).
#pragma once

#include "imap/session.h"

namespace postern::imap {

asio::awaitable<Answer> append(Session& session, wire::imap::Append& command);
asio::awaitable<Answer> replace(Session& session, wire::imap::Replace& command);

} // namespace postern::imap
