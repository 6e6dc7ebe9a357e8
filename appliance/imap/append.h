// APPEND (RFC 3501 §6.3.11, RFC 4315 §3, RFC 6855 §4).
//
// A header with 8-bit octets is taken without UTF8, too, although RFC 6855 §4 has it refused: such mail comes by SMTP
// all the same, and whoever moves here from another server has to be able to bring it along.
#pragma once

#include "imap/session.h"

namespace postern::imap {

asio::awaitable<Answer> append(Session& session, wire::imap::Append& command);

} // namespace postern::imap
