// The searches of a selected mailbox that are kept up to date (RFC 5267 §4.3). What changes in the mailbox is noted as
// the session takes it in, and looked at on a reader's thread before it is told.
#pragma once

#include "imap/answer.h"
#include "imap/search_context.h"
#include "net/memory_budget.h"
#include "wire/imap_command.h"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace postern::imap {

namespace asio = boost::asio;

class Session;

// Of one selected mailbox; its session's executor.
class SearchContexts {
public:
    static constexpr std::size_t most = 16; // §4.3.1

    [[nodiscard]] bool empty() const { return kept_.empty(); }
    [[nodiscard]] bool has(std::string_view tag) const;
    // `share` holds nothing yet. False: there are too many, or no memory for it.
    [[nodiscard]] bool add(SearchContext context, net::MemoryShare share);
    // False: there is none of that tag.
    bool cancel(std::string_view tag);

    // These are new, or have other flags.
    void note(core::UidSet const& uids);
    // Among those that were noted, the client is about to be told of these for the first time.
    void note_arrivals(core::UidSet const& uids);
    // These were expunged. Appends what that takes from the results: the client is told before their numbers go
    // (§4.3.4).
    void remove(std::string& out, core::UidSet const& gone, SequenceNumbers const& numbers);

private:
    friend asio::awaitable<core::UidSet> announce_results(Session& session, core::UidSet arrived);
    struct Kept {
        SearchContext context;
        net::MemoryShare share;
    };
    std::vector<Kept> kept_;
    core::UidSet noted_;
    core::UidSet arrivals_; // of these
};

// Looks at what was noted in the selected mailbox, and tells how results changed. After EXISTS, so that the client
// knows the numbers (§4.3.3); and after what it wants to know of new messages among them (RFC 5465 §7). Of `arrived`
// NOTIFY tells something, too: gives those of which that was not told along.
asio::awaitable<core::UidSet> announce_results(Session& session, core::UidSet arrived);

// §4.3.5
asio::awaitable<Answer> cancel_update(Session& session, wire::imap::CancelUpdate& command);

} // namespace postern::imap
