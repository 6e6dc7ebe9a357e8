// SELECT, EXAMINE (RFC 3501 §6.3.1, §6.3.2; RFC 7162 §3.1.8), CLOSE (§6.4.2) and UNSELECT (RFC 3691).
#pragma once

#include "imap/session.h"

namespace postern::imap {

asio::awaitable<Answer> select(Session& session, wire::imap::Select& command);
asio::awaitable<Answer> close(Session& session, wire::imap::Close& command);
asio::awaitable<Answer> unselect(Session& session, wire::imap::Unselect& command);

} // namespace postern::imap
