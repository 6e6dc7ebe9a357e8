// From callbacks to co_await: how work on other threads, above all the store's, is waited for.
#pragma once

#include "net/event.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace postern::net {

// What the waiting coroutine and the callback share, whatever the value is. Either may go first: a coroutine that is
// destroyed while it waits takes `arrived` along, and from then on the callback touches nothing of the executor, which
// may be gone as well. No mutex: whom the callback wakes would run into it while the callback still holds it, and sleep
// once more.
class AsyncMeeting {
public:
    explicit AsyncMeeting(Event& arrived) : arrived_(&arrived) {}

    // The callback's, on any thread: first, whether anybody still waits; if so, the value may be put in place, and then
    // tell() is called. It wakes the coroutine, on its executor.
    [[nodiscard]] bool begin_to_tell();
    static void tell(std::shared_ptr<AsyncMeeting> self, boost::asio::any_io_executor const& executor);

    // The coroutine's executor, as is all that touches arrived_. Once it returns, the value is there or never will be,
    // and the callback does nothing any more.
    void settle();

private:
    enum class State { waiting, telling, settled };

    std::atomic<State> state_ = State::waiting;
    Event* arrived_;
};

template <typename T> struct AsyncCall : AsyncMeeting {
    using AsyncMeeting::AsyncMeeting;
    std::optional<T> value;
};

// The callback: call it at most once, from any thread. Destroying it uncalled says that the work will never be done.
template <typename T> class AsyncDone {
public:
    AsyncDone(std::shared_ptr<AsyncCall<T>> call, boost::asio::any_io_executor executor)
        : call_(std::move(call)), executor_(std::move(executor)) {}
    AsyncDone(AsyncDone&&) noexcept = default;
    AsyncDone& operator=(AsyncDone&&) = delete;
    ~AsyncDone() {
        if (call_ && call_->begin_to_tell()) AsyncMeeting::tell(std::move(call_), executor_);
    }

    void operator()(T value) {
        auto call = std::move(call_);
        if (!call->begin_to_tell()) return;
        call->value.emplace(std::move(value));
        AsyncMeeting::tell(std::move(call), executor_);
    }

private:
    std::shared_ptr<AsyncCall<T>> call_;
    boost::asio::any_io_executor executor_;
};

// Work that was begun elsewhere while a coroutine does something else. Given up by being destroyed before it is done.
template <typename T> class StartedCall {
public:
    // `executor` is that of the coroutine that will wait; its context keeps running while it waits.
    explicit StartedCall(boost::asio::any_io_executor const& executor)
        : arrived_(std::make_unique<Event>(executor)),
          call_(std::make_shared<AsyncCall<T>>(*arrived_)),
          executor_(executor) {}
    StartedCall(StartedCall&&) noexcept = default;
    StartedCall& operator=(StartedCall&& other) noexcept {
        StartedCall(std::move(other)).swap(*this);
        return *this;
    }
    ~StartedCall() {
        if (call_) call_->settle();
    }

    // What the work has to call. Once.
    [[nodiscard]] AsyncDone<T> done() const { return {call_, executor_}; }

    // Is raised once result() would not wait, for who waits for something else besides.
    [[nodiscard]] Event& arrived() { return *arrived_; }

    // Resumes the coroutine on its own executor once the callback was called with a T. Throws std::runtime_error if it
    // never will be, or if the wait was cancelled. Once.
    boost::asio::awaitable<T> result() {
        co_await arrived_->wait();
        call_->settle();
        if (!call_->value) throw std::runtime_error("the work that a coroutine waited for was given up");
        co_return std::move(*call_->value);
    }

private:
    void swap(StartedCall& other) noexcept {
        arrived_.swap(other.arrived_);
        call_.swap(other.call_);
        std::swap(executor_, other.executor_);
    }

    std::unique_ptr<Event> arrived_;
    std::shared_ptr<AsyncCall<T>> call_;
    boost::asio::any_io_executor executor_;
};

// Begins it and waits for it. One coroutine for each T, whatever begins it: there are hundreds of those.
template <typename T> boost::asio::awaitable<T> async_call(std::move_only_function<void(AsyncDone<T>)> begin) {
    StartedCall<T> call(co_await boost::asio::this_coro::executor);
    begin(call.done());
    co_return co_await call.result();
}

} // namespace postern::net
