// The commands of the transaction state, and QUIT (RFC 1939 §5 to §7).
#pragma once

#include "pop3/session.h"

namespace postern::pop3 {

asio::awaitable<Answer> tell_status(Session& session, wire::pop3::Stat& command);
asio::awaitable<Answer> list_sizes(Session& session, wire::pop3::List& command);
asio::awaitable<Answer> list_unique_ids(Session& session, wire::pop3::Uidl& command);
asio::awaitable<Answer> retrieve(Session& session, wire::pop3::Retr& command);
asio::awaitable<Answer> retrieve_top(Session& session, wire::pop3::Top& command);
asio::awaitable<Answer> delete_message(Session& session, wire::pop3::Dele& command);
asio::awaitable<Answer> do_nothing(Session& session, wire::pop3::Noop& command);
asio::awaitable<Answer> reset(Session& session, wire::pop3::Rset& command);
asio::awaitable<Answer> quit(Session& session, wire::pop3::Quit& command);

} // namespace postern::pop3
