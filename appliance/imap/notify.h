// NOTIFY (RFC 5465): which events a client is told of, in which mailboxes, at once and without asking.
#pragma once

#include "imap/session.h"

namespace postern::imap {

asio::awaitable<Answer> notify(Session& session, wire::imap::Notify& command);

} // namespace postern::imap
