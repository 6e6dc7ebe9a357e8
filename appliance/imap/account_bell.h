// Rings when anything of some accounts changed, and remembers what: the bridge from the store's writer thread to a
// session that watches more than its selected mailbox (RFC 5465). However much happens, what it remembers is bounded.
#pragma once

#include "net/event.h"
#include "store/store.h"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace postern::imap {

// Lives on its session's executor.
class AccountBell {
public:
    // Where more mailboxes were touched, all of them are to be looked at, as when the listing changed.
    static constexpr std::size_t most_mailboxes = 64;

    // `event` is the session's, which may have it raised by others as well.
    AccountBell(store::Store& store, std::span<store::AccountId const> accounts, boost::asio::any_io_executor executor,
                std::shared_ptr<net::Event> event);

    // What was touched since it was last asked. A change that was acknowledged to anybody before is in it.
    [[nodiscard]] store::AccountMark take();
    // Raises the event, after take(), once it rings, or at once if it did meanwhile.
    void listen();

private:
    struct Shared;
    std::shared_ptr<Shared> shared_; // with what is posted
    std::vector<store::Watch> watches_;
};

// Both together, within the bound.
void add(store::AccountMark& to, store::AccountMark const& mark);

} // namespace postern::imap
