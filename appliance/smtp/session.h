// The SMTP service: one coroutine a connection, which reads commands and answers them in order (RFC 5321 §4).
//
//   exchange (port 25): devices and servers of the LAN bring mail for local mailboxes. Never relays.
//   on_demand: the same for a server that we dialled to ask for the mail that it keeps for us (RFC 2645 §5.3).
//   submission (587 and, with TLS from the start, 465): people who logged in send mail anywhere (RFC 6409, RFC 8314).
//
// Servers elsewhere that are named (office/upstreams.h) bring mail to port 25, too, under TLS and once they proved who
// they are; for them alone there is AUTH.
//
// Invariants:
// - 250 for a message is said only after the store has it on flash, once for all recipients.
// - Whatever a client sends, it gets the protocol's own answer, and the memory that it takes is bounded.
// - Message octets are never read as commands.
#pragma once

#include "net/connection.h"
#include "office/office.h"

#include <cstdint>

namespace postern::smtp {

namespace asio = boost::asio;

enum class Role : std::uint8_t { exchange, on_demand, submission };

// Until the client or the daemon ends it; what was said last is still queued then: the caller closes the connection.
asio::awaitable<void> serve(net::Connection& connection, office::Office& office, Role role);

// The same for the server at the other end, once it agreed that it is the client from now on (on_demand).
struct Turn {
    std::size_t messages = 0; // that were accepted
    bool complete = false;    // it said that this is all
};
asio::awaitable<Turn> take_turn(net::Connection& connection, office::Office& office);

} // namespace postern::smtp
