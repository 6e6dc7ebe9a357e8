// The commands of the authorization state: who is there, and over what.
#pragma once

#include "pop3/session.h"

namespace postern::pop3 {

asio::awaitable<Answer> name_user(Session& session, wire::pop3::User& command);      // RFC 1939 §7
asio::awaitable<Answer> check_password(Session& session, wire::pop3::Pass& command); // RFC 1939 §7
asio::awaitable<Answer> authenticate(Session& session, wire::pop3::Auth& command);   // RFC 5034 §4
asio::awaitable<Answer> start_tls(Session& session, wire::pop3::Stls& command);      // RFC 2595 §4
asio::awaitable<Answer> switch_to_utf8(Session& session, wire::pop3::Utf8& command); // RFC 6856 §2.1

} // namespace postern::pop3
