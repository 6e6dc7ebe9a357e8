// Rings when a mailbox changed: the bridge from the store's writer thread to a session. It only remembers that
// something happened, so that nothing is queued however much happens while a session is busy.
#pragma once

#include "net/event.h"
#include "store/store.h"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace postern::imap {

// Lives on its session's executor.
class Bell {
public:
    Bell(store::Store& store, store::MailboxId mailbox, boost::asio::any_io_executor executor);

    // Whether it rang since it was last asked; true the first time. A change that was acknowledged to anybody before
    // this is called has rung.
    [[nodiscard]] bool take();
    // Ring it from here.
    void ring();
    // Is raised at some time after it rang; possibly after take() said so.
    [[nodiscard]] net::Event& event();

private:
    struct Shared;
    std::shared_ptr<Shared> shared_; // with what is posted
    store::Watch watch_;
};

} // namespace postern::imap
