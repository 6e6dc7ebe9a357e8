#include "imap/bell.h"

#include <boost/asio/post.hpp>

#include <atomic>
#include <utility>

namespace postern::imap {

struct Bell::Shared {
    explicit Shared(boost::asio::any_io_executor const& executor) : event(executor) {}

    std::atomic<bool> rung{true};
    std::atomic<bool> posted{false};
    net::Event event; // the session's executor
};

Bell::Bell(store::Store& store, store::MailboxId mailbox, boost::asio::any_io_executor executor)
    : shared_(std::make_shared<Shared>(executor)), watch_(store.watch(mailbox, [shared = shared_, executor] {
          shared->rung = true;
          if (shared->posted.exchange(true)) return;
          boost::asio::post(executor, [shared] {
              shared->posted = false;
              shared->event.raise();
          });
      })) {}

bool Bell::take() { return shared_->rung.exchange(false); }
void Bell::ring() { shared_->rung = true; }
net::Event& Bell::event() { return shared_->event; }

} // namespace postern::imap
