// SEARCH (RFC 3501 §6.4.4, RFC 4731, RFC 5182, RFC 7162 §3.1.5, RFC 9394), and what SORT and THREAD share with it.
#pragma once

#include "imap/search_run.h"
#include "imap/session.h"

#include <cstddef>
#include <expected>
#include <optional>
#include <vector>

namespace postern::imap {

using Found = std::vector<SearchRun::Found>;

asio::awaitable<Answer> search(Session& session, wire::imap::Search& command);

// What the command's key finds in the selected mailbox, ascending, or what is to be answered instead. `octets_each`:
// memory that a message which is found takes until the answer is sent. What `visit` refers to it owns.
struct SearchOutcome {
    Found found;
    bool asks_modseq; // RFC 7162 §3.1.5
};
asio::awaitable<std::expected<SearchOutcome, Answer>> look_for(Session& session, wire::imap::Search const& command,
                                                               std::size_t octets_each, SearchRun::Visit visit = {});

// What the client calls them.
[[nodiscard]] std::vector<std::uint32_t> numbers_of(Session& session, Found const& found, bool uid);

// Answers as RETURN asks, in the order of `outcome.found`, and saves (RFC 5182); `put` says it without RETURN.
using PutFound = void (*)(std::string& out, std::span<std::uint32_t const> found, std::optional<core::ModSeq> modseq);
[[nodiscard]] Answer tell(Session& session, wire::imap::Search const& command, SearchOutcome const& outcome,
                          PutFound put);

} // namespace postern::imap
