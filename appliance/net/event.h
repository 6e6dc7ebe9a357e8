// A flag that one coroutine can wait for and anything on its executor can raise; raising it twice is raising it once.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

namespace postern::net {

// One executor. Any number of waiters; each wakes when it is raised.
class Event {
public:
    explicit Event(boost::asio::any_io_executor executor);
    void raise();
    void clear();
    [[nodiscard]] bool raised() const { return raised_; }
    boost::asio::awaitable<void> wait();

private:
    boost::asio::steady_timer timer_;
    bool raised_ = false;
};

} // namespace postern::net
