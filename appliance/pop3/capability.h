// What the server can do, and in which language it says so.
#pragma once

#include "pop3/session.h"

namespace postern::pop3 {

asio::awaitable<Answer> tell_capabilities(Session& session, wire::pop3::Capa& command); // RFC 2449 §5
asio::awaitable<Answer> choose_language(Session& session, wire::pop3::Lang& command);   // RFC 6856 §3

} // namespace postern::pop3
