// Commands of the not authenticated state (RFC 3501 §6.2). Passwords cross only what Session::confidential allows.
#pragma once

#include "imap/session.h"

namespace postern::imap {

asio::awaitable<Answer> start_tls(Session& session, wire::imap::StartTls& command);
asio::awaitable<Answer> authenticate(Session& session, wire::imap::Authenticate& command);
asio::awaitable<Answer> log_in(Session& session, wire::imap::Login& command);

} // namespace postern::imap
