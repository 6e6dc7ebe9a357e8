// COMPRESS (RFC 4978).
#pragma once

#include "imap/session.h"

namespace postern::imap {

asio::awaitable<Answer> compress(Session& session, wire::imap::Compress& command);

} // namespace postern::imap
