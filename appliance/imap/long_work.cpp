#include "imap/long_work.h"

#include <boost/asio/steady_timer.hpp>

#include <chrono>

namespace postern::imap {

// Wakes who waits, once an interval.
struct LongWork::Ticker : std::enable_shared_from_this<Ticker> {
    explicit Ticker(asio::any_io_executor const& executor) : wake(executor), timer(executor) {}

    void start(std::chrono::seconds interval) {
        if (std::exchange(ticking, true)) return;
        timer.expires_after(interval);
        timer.async_wait([self = shared_from_this()](boost::system::error_code error) {
            if (error) return;
            self->ticking = false;
            self->wake.raise();
        });
    }

    net::Event wake;
    asio::steady_timer timer;
    bool ticking = false;
};

namespace {

struct Relay final : net::Event::Waiter {
    explicit Relay(net::Event& to) : next(to) {}
    void on_raise() override { next.raise(); }
    net::Event& next;
};

} // namespace

LongWork::LongWork(Session& session)
    : session_(session),
      ticker_(std::make_shared<Ticker>(session.connection().executor())),
      told_(session.office().clock.steady()) {}

LongWork::~LongWork() { ticker_->timer.cancel(); }

void LongWork::note(std::uint64_t done, std::uint64_t goal) {
    long_ = true;
    done_ = done;
    goal_ = goal;
}

asio::awaitable<bool> LongWork::wait(net::Event& arrived) {
    Relay relay(ticker_->wake);
    arrived.add(relay);
    while (!arrived.raised()) {
        ticker_->start(session_.settings().seconds("imap.progress_interval"));
        if (!co_await session_.wait_for(ticker_->wake)) co_return false;
        tell_if_due();
    }
    co_return true;
}

asio::awaitable<void> LongWork::wait_long(net::Event& arrived) {
    Relay relay(ticker_->wake);
    arrived.add(relay);
    for (bool heard = true; heard;) {
        ticker_->start(session_.settings().seconds("imap.progress_interval"));
        co_await ticker_->wake.wait();
        ticker_->wake.clear();
        if (arrived.raised()) co_return;
        tell_if_due();
        heard = co_await session_.connection().flush();
    }
}

void LongWork::tell_if_due() {
    auto const now = session_.office().clock.steady();
    if (now - told_ < session_.settings().seconds("imap.progress_interval")) return;
    told_ = now;
    std::string const code =
        session_.hides("INPROGRESS") ? "" : wire::imap::in_progress_code(session_.tag(), done_, goal_) + ' ';
    std::string line;
    wire::imap::put_untagged(line, wire::imap::Condition::ok, code + "Still at it");
    session_.queue(line);
}

} // namespace postern::imap
