// SEARCH (RFC 3501 §6.4.4, RFC 4731, RFC 5182, RFC 7162 §3.1.5, RFC 9394).
#pragma once

#include "imap/session.h"

namespace postern::imap {

asio::awaitable<Answer> search(Session& session, wire::imap::Search& command);

} // namespace postern::imap
