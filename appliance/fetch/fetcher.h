// Fetches mail from mailboxes at providers: a coroutine for each source, which connects when the link may be there and
// it is time, takes what is new, and waits for news or for the next time.
//
// Invariant: what a provider has of a message for us is delivered once, whatever is cut when (fetch/intake.h).
#pragma once

#include "core/clock.h"
#include "fetch/failure.h"
#include "net/dialer.h"
#include "net/event.h"
#include "net/memory_budget.h"
#include "office/office.h"
#include "policy/link.h"
#include "store/store.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::fetch {

namespace asio = boost::asio;

struct SourceStatus {
    std::string name;
    policy::LinkState state{};
    std::string trouble; // why nothing is fetched; empty if all is well, or it was not tried yet
    bool connected = false;
    std::uint64_t fetched = 0; // messages, since the daemon runs
    // What stays at the provider, and why: each reason, and of how many.
    std::vector<std::pair<std::string, std::size_t>> refused;
};

// The network thread's, as is all of the office's.
class Fetcher {
public:
    // All of these outlive it; the coroutines that it spawns are destroyed with the office's context, before it. What
    // messages take while they come is taken from `budget`.
    Fetcher(office::Office& office, net::Dialer& dialer, net::MemoryBudget const& budget,
            asio::any_io_executor executor);
    ~Fetcher();

    // Reads the sources, and begins with all of them anew; until the office stops.
    store::Result<void> sources_changed();
    // The system's network is another one than before.
    void network_changed();
    void settings_changed();

    [[nodiscard]] std::vector<SourceStatus> status() const; // by name
    // Connects, logs in and looks, and says what came of it; then has it fetched from at once.
    asio::awaitable<std::expected<std::string, Failure>> test(std::string name);

private:
    class Source;

    // Somebody asked for originals of these sources, or does not want them any more, or they are lost.
    void stubs_changed(store::StubsMark const& mark);
    // Stubs whose original cannot be had any more say so from now on.
    asio::awaitable<void> tell_of_lost();
    asio::awaitable<store::Result<void>> tell_of_lost(store::Stub stub);

    office::Office& office_;
    net::Dialer& dialer_;
    net::MemoryBudget const& budget_;
    asio::any_io_executor executor_;
    std::map<std::string, std::shared_ptr<Source>, std::less<>> sources_;
    bool telling_of_lost_ = false;
    bool more_lost_ = false; // since that looked
    store::Watch watch_;
};

} // namespace postern::fetch
