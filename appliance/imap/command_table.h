// The table of commands: one row a command. A new command is a new row and a new function.
#pragma once

#include "imap/session.h"

namespace postern::imap {

struct CommandRow {
    std::size_t command; // the alternative of wire::imap::Command::Body
    unsigned states;     // in which it is allowed
    asio::awaitable<Answer> (*action)(Session& session, wire::imap::Command::Body& command);
    std::string_view capability; // for whom that is masked there is no such command; empty: there always is
    bool on_messages = false;    // of the selected mailbox, which one must have the right to read
};

[[nodiscard]] CommandRow const& row_of(wire::imap::Command::Body const& command);

// RFC 3501 §7.4.1, RFC 5256 §1: FETCH, STORE, SEARCH, SORT and THREAD, but not their UID forms, during which no message
// may lose its number.
[[nodiscard]] bool counts_by_numbers(wire::imap::Command::Body const& command);

} // namespace postern::imap
