// SORT and THREAD (RFC 5256; SORT=DISPLAY RFC 5957, ESORT and CONTEXT=SORT RFC 5267, REFS draft-ietf-morg-inthread-01).
#pragma once

#include "imap/session.h"

namespace postern::imap {

asio::awaitable<Answer> sort(Session& session, wire::imap::Sort& command);
asio::awaitable<Answer> thread(Session& session, wire::imap::Thread& command);

} // namespace postern::imap
