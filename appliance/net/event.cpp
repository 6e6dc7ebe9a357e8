#include "net/event.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/steady_timer.hpp>

namespace postern::net {

namespace asio = boost::asio;

namespace {

// A coroutine in Event::wait: a timer that never expires, and is cancelled instead.
struct Sleeper final : Event::Waiter {
    explicit Sleeper(asio::any_io_executor const& executor) : timer(executor, asio::steady_timer::time_point::max()) {}
    void on_raise() override { timer.cancel(); }
    asio::steady_timer timer;
};

} // namespace

void Event::raise() {
    raised_ = true;
    for (Waiter& waiter : waiters_) waiter.on_raise();
}

asio::awaitable<void> Event::wait() {
    if (raised_) co_return;
    Sleeper sleeper(executor_);
    add(sleeper);
    co_await sleeper.timer.async_wait(asio::as_tuple(asio::deferred));
}

} // namespace postern::net
