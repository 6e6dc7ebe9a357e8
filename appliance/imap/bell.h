// Rings when a mailbox changed: the bridge from the store's writer thread to a session. It only remembers that
// something happened, so that nothing is queued however much happens while a session is busy, and wakes nobody but who
// listens.
#pragma once

#include "net/event.h"
#include "store/store.h"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>

namespace postern::imap {

// Lives on its session's executor.
class Bell {
public:
    // Nothing to look at; something that was committed just now, and is in memory therefore; or earlier.
    enum class News : std::uint8_t { none, fresh, old };

    // `event` is the session's, which may have it raised by others as well.
    Bell(store::Store& store, store::MailboxId mailbox, store::UidValidity uid_validity,
         boost::asio::any_io_executor executor, std::shared_ptr<net::Event> event);

    // Whether it rang since it was last asked for more than the changes up to `seen`, such as the session's own; fresh
    // the first time. A change that was acknowledged to anybody before this is called has rung.
    [[nodiscard]] News take(core::ModSeq seen);
    // Raises the event, after take() said that there is nothing, once it rings, or at once if it did meanwhile.
    void listen();

private:
    struct Shared;
    std::shared_ptr<Shared> shared_; // with what is posted
    store::Watch watch_;
};

} // namespace postern::imap
