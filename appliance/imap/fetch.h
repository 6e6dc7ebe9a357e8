// FETCH (RFC 3501 §6.4.5, RFC 7162 §3.1.4), and the FETCH responses that nobody asked for.
#pragma once

#include "imap/fetch_plan.h"
#include "imap/session.h"

#include <cstdint>
#include <vector>

namespace postern::imap {

asio::awaitable<Answer> fetch(Session& session, wire::imap::Fetch& command);

// Whether that is more than may be held of one response.
[[nodiscard]] bool asks_too_much(std::vector<wire::imap::FetchItem> const& items);

// How many messages were answered, and how many could not be.
struct FetchCount {
    std::uint32_t answered = 0;
    std::uint32_t gone = 0;
    std::uint32_t damaged = 0;
    std::uint32_t encoded = 0; // in a way that is not known
    bool cut_short = false;    // there was no memory for a response
};

// Sends the FETCH responses of these messages of the selected mailbox.
asio::awaitable<store::Result<FetchCount>> send_fetch(Session& session, core::UidSet uids, FetchPlan plan);

// Their flags, with what CONDSTORE wants to be told along (RFC 7162 §3.1); just_written as in FetchPlan.
asio::awaitable<void> announce_flags(Session& session, core::UidSet uids, bool just_written);

} // namespace postern::imap
