// ESEARCH: several mailboxes searched by one command (RFC 7377).
#pragma once

#include "imap/session.h"

namespace postern::imap {

asio::awaitable<Answer> esearch(Session& session, wire::imap::Esearch& command);

} // namespace postern::imap
