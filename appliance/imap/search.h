// SEARCH (RFC 3501 §6.4.4, RFC 4731, RFC 5182, RFC 5267, RFC 7162 §3.1.5, RFC 9394), and what SORT, THREAD and ESEARCH
// share with it.
#pragma once

#include "imap/long_work.h"
#include "imap/search_context.h"
#include "imap/search_run.h"
#include "imap/session.h"

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::imap {

using Found = std::vector<SearchRun::Found>;

// What a message that is found takes, as Found and in the answer.
constexpr std::size_t found_octets = 64;

asio::awaitable<Answer> search(Session& session, wire::imap::Search& command);

// As search_condition.h has it. Nothing: unknown_charset() is the answer.
[[nodiscard]] std::optional<SearchProgram> compile(wire::imap::Search const& command, MailboxView const& view,
                                                   core::WallTime now);
[[nodiscard]] Answer unknown_charset();
// RFC 6855 §3: what is to be answered to a SEARCH that names a charset where there is but one.
[[nodiscard]] std::optional<Answer> conflicting_charset(Session const& session, wire::imap::Search const& command);

// What the command's key finds in the selected mailbox, ascending, or what is to be answered instead. `octets_each`:
// memory that a message which is found takes until the answer is sent. What `visit` refers to it owns.
struct SearchOutcome {
    Found found;
    std::shared_ptr<SearchProgram const> program;
};
asio::awaitable<std::expected<SearchOutcome, Answer>> look_for(Session& session, LongWork& work,
                                                               wire::imap::Search const& command,
                                                               std::size_t octets_each, SearchRun::Visit visit = {});

[[nodiscard]] std::vector<std::uint32_t> uids_of(Found const& found);

// The ESEARCH response that RETURN asks for, if it asks for one. `numbers`: what the client calls those found.
void put_found(std::string& out, wire::imap::SearchCorrelator const& correlator, wire::imap::Search const& command,
               Found const& found, std::span<std::uint32_t const> numbers, bool asks_modseq);

// Answers as RETURN asks, in the order of `outcome.found`, saves (RFC 5182), and keeps up to date (RFC 5267 §4.3);
// `put` says it without RETURN. `sorted`: what SORT went by.
using PutFound = void (*)(std::string& out, std::span<std::uint32_t const> found, std::optional<core::ModSeq> modseq);
struct Sorted {
    std::vector<wire::imap::SortCriterion> criteria;
    std::vector<std::string> keys; // of those found
};
[[nodiscard]] Answer tell(Session& session, wire::imap::Search const& command, SearchOutcome const& outcome,
                          wire::imap::SearchCorrelator const& correlator, PutFound put, Sorted sorted = {});

// RFC 5267 §4.3.1
void refuse_updates(Session& session, std::string_view reason);

} // namespace postern::imap
