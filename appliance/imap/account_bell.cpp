#include "imap/account_bell.h"

#include <boost/asio/post.hpp>

#include <mutex>
#include <utility>

namespace postern::imap {

struct AccountBell::Shared {
    explicit Shared(std::shared_ptr<net::Event> its_event) : event(std::move(its_event)) {}

    std::mutex mutex;
    store::AccountMark rung;                 // under mutex
    bool listening = false;                  // under mutex
    std::shared_ptr<net::Event> const event; // the session's executor
};

AccountBell::AccountBell(store::Store& store, std::span<store::AccountId const> accounts,
                         boost::asio::any_io_executor executor, std::shared_ptr<net::Event> event)
    : shared_(std::make_shared<Shared>(std::move(event))) {
    auto const rings = [shared = shared_, executor](store::AccountMark const& mark) {
        bool wakes = false;
        {
            std::lock_guard const lock(shared->mutex);
            add(shared->rung, mark);
            wakes = std::exchange(shared->listening, false);
        }
        if (wakes) boost::asio::post(executor, [shared] { shared->event->raise(); });
    };
    for (store::AccountId const account : accounts) watches_.push_back(store.watch(account, rings));
}

store::AccountMark AccountBell::take() {
    std::lock_guard const lock(shared_->mutex);
    return std::exchange(shared_->rung, {});
}

void AccountBell::listen() {
    std::lock_guard const lock(shared_->mutex);
    shared_->listening = shared_->rung.mailboxes.empty() && !shared_->rung.listing;
    if (!shared_->listening) shared_->event->raise();
}

void add(store::AccountMark& to, store::AccountMark const& mark) {
    to.listing = to.listing || mark.listing;
    to.mailboxes.insert(mark.mailboxes.begin(), mark.mailboxes.end());
    if (to.mailboxes.size() > AccountBell::most_mailboxes) to.listing = true;
    if (to.listing) to.mailboxes.clear();
}

} // namespace postern::imap
