// IDLE (RFC 2177): what others do is announced as it happens; after NOTIFY, as that says (RFC 5465 §4).
#pragma once

#include "imap/session.h"

namespace postern::imap {

asio::awaitable<Answer> idle(Session& session, wire::imap::Idle& command);

} // namespace postern::imap
