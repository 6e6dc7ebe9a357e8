// IDLE (RFC 2177): what others do is announced as it happens.
#pragma once

#include "imap/session.h"

namespace postern::imap {

asio::awaitable<Answer> idle(Session& session, wire::imap::Idle& command);

} // namespace postern::imap
