#include "office/background.h"

#include "core/log.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace postern::office {

using asio::experimental::awaitable_operators::operator||;

asio::awaitable<void> pause(asio::any_io_executor executor, core::SteadyTime::duration time, net::Event& event) {
    asio::steady_timer timer(executor, time);
    co_await (timer.async_wait(asio::as_tuple(asio::use_awaitable)) || event.wait());
}

asio::awaitable<void> pause(asio::any_io_executor executor, core::SteadyTime::duration time, net::Event& event,
                            net::Event& other) {
    asio::steady_timer timer(executor, time);
    co_await (timer.async_wait(asio::as_tuple(asio::use_awaitable)) || event.wait() || other.wait());
}

void report_fault(std::exception_ptr fault) {
    try {
        if (fault) std::rethrow_exception(fault);
    } catch (std::exception const& thrown) {
        core::log(core::Event::session_broken, {{"what", thrown.what()}});
    }
}

} // namespace postern::office
