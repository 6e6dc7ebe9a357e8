// A flag that coroutines can wait for and anything on its executor can raise; raising it twice is raising it once.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/intrusive/list.hpp>

namespace postern::net {

// One executor. Any number of waiters; each wakes when it is raised.
class Event {
public:
    // What is called, once for each raise, while it is linked. It leaves the event by being destroyed or unlinked, and
    // must do neither to another waiter from within on_raise.
    class Waiter : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    public:
        virtual void on_raise() = 0;

    protected:
        ~Waiter() = default;
    };

    explicit Event(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
    Event(Event const&) = delete;
    Event& operator=(Event const&) = delete;

    void raise();
    void clear() { raised_ = false; }
    [[nodiscard]] bool raised() const { return raised_; }
    // Returns at once if it is raised, else at the next raise, even if it is cleared in the meantime. Asio cancellation
    // ends the wait as well.
    boost::asio::awaitable<void> wait();
    // Links a waiter that is linked nowhere.
    void add(Waiter& waiter) { waiters_.push_back(waiter); }

private:
    boost::asio::any_io_executor executor_;
    boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>> waiters_;
    bool raised_ = false;
};

} // namespace postern::net
