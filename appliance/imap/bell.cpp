#include "imap/bell.h"

#include <boost/asio/post.hpp>

#include <atomic>
#include <chrono>
#include <utility>

namespace postern::imap {

namespace {

using Clock = std::chrono::steady_clock;

// For so long the pages of a commit are taken to be in memory.
constexpr std::chrono::seconds hot{10};

// Beyond all that was seen.
constexpr core::ModSeq anything{~std::uint64_t{0}};

} // namespace

struct Bell::Shared {
    explicit Shared(std::shared_ptr<net::Event> its_event) : event(std::move(its_event)) {}

    std::atomic<Clock::time_point> rung_at{Clock::now()};
    std::atomic<core::ModSeq> rung{anything}; // up to where there are changes; 0: it did not ring
    std::atomic<bool> listening{false};
    std::shared_ptr<net::Event> const event; // the session's executor
};

Bell::Bell(store::Store& store, store::MailboxId mailbox, store::UidValidity uid_validity,
           boost::asio::any_io_executor executor, std::shared_ptr<net::Event> event)
    : shared_(std::make_shared<Shared>(std::move(event))),
      watch_(store.watch(mailbox, [shared = shared_, uid_validity, executor](store::MailboxMark mark) {
          shared->rung_at = Clock::now();
          shared->rung = mark.uid_validity == uid_validity ? mark.highest_modseq : anything;
          if (shared->listening.exchange(false)) boost::asio::post(executor, [shared] { shared->event->raise(); });
      })) {}

Bell::News Bell::take(core::ModSeq seen) {
    if (shared_->rung.exchange(core::ModSeq{0}) <= seen) return News::none;
    return Clock::now() - shared_->rung_at.load() < hot ? News::fresh : News::old;
}

void Bell::listen() {
    shared_->listening = true;
    if (shared_->rung.load() != core::ModSeq{0}) shared_->event->raise();
}

} // namespace postern::imap
