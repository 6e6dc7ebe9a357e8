// From callbacks to co_await: how work on other threads, above all the store's, is waited for.
#pragma once

#include "net/event.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace postern::net {

// What the waiting coroutine and the callback share. Either may go first: a coroutine that is destroyed while it waits
// takes `arrived` along, and from then on the callback touches nothing of the executor, which may be gone as well.
// No mutex: whom the callback wakes would run into it while the callback still holds it, and sleep once more.
template <typename T> class AsyncCall {
public:
    explicit AsyncCall(Event& arrived) : arrived_(&arrived) {}

    // Any thread.
    void complete(std::optional<T> value, std::shared_ptr<AsyncCall> self,
                  boost::asio::any_io_executor const& executor) {
        auto state = State::waiting;
        if (!state_.compare_exchange_strong(state, State::completing)) return;
        value_ = std::move(value);
        boost::asio::post(executor, [self] {
            if (self->arrived_ != nullptr) self->arrived_->raise();
        });
        state_ = State::settled;
        state_.notify_one();
    }

    // The coroutine's executor, as is all that touches arrived_. Once it returns, the callback does nothing any more.
    std::optional<T> settle() {
        arrived_ = nullptr;
        auto state = State::waiting;
        if (!state_.compare_exchange_strong(state, State::settled)) state_.wait(State::completing);
        return std::exchange(value_, std::nullopt);
    }

private:
    enum class State { waiting, completing, settled };

    std::atomic<State> state_ = State::waiting;
    Event* arrived_;
    std::optional<T> value_;
};

// The callback: call it at most once, from any thread. Destroying it uncalled says that the work will never be done.
template <typename T> class AsyncDone {
public:
    AsyncDone(std::shared_ptr<AsyncCall<T>> call, boost::asio::any_io_executor executor)
        : call_(std::move(call)), executor_(std::move(executor)) {}
    AsyncDone(AsyncDone&&) noexcept = default;
    AsyncDone& operator=(AsyncDone&&) = delete;
    ~AsyncDone() {
        if (call_) finish(std::nullopt);
    }

    void operator()(T value) { finish(std::move(value)); }

private:
    void finish(std::optional<T> value) {
        auto call = std::move(call_);
        AsyncCall<T>& shared = *call;
        shared.complete(std::move(value), std::move(call), executor_);
    }

    std::shared_ptr<AsyncCall<T>> call_;
    boost::asio::any_io_executor executor_;
};

// Work that was begun elsewhere while a coroutine does something else. Given up by being destroyed before it is done.
template <typename T> class StartedCall {
public:
    // Calls initiate(AsyncDone<T>). `executor` is that of the coroutine that will wait; its context keeps running while
    // it waits.
    template <typename Initiate>
    StartedCall(boost::asio::any_io_executor const& executor, Initiate initiate)
        : arrived_(std::make_unique<Event>(executor)), call_(std::make_shared<AsyncCall<T>>(*arrived_)) {
        initiate(AsyncDone<T>(call_, executor));
    }
    StartedCall(StartedCall&&) noexcept = default;
    StartedCall& operator=(StartedCall&& other) noexcept {
        StartedCall(std::move(other)).swap(*this);
        return *this;
    }
    ~StartedCall() {
        if (call_) call_->settle();
    }

    // Is raised once result() would not wait, for who waits for something else besides.
    [[nodiscard]] Event& arrived() { return *arrived_; }

    // Resumes the coroutine on its own executor once the callback was called with a T. Throws std::runtime_error if it
    // never will be, or if the wait was cancelled. Once.
    boost::asio::awaitable<T> result() {
        co_await arrived_->wait();
        std::optional<T> value = call_->settle();
        if (!value) throw std::runtime_error("the work that a coroutine waited for was given up");
        co_return std::move(*value);
    }

private:
    void swap(StartedCall& other) noexcept {
        arrived_.swap(other.arrived_);
        call_.swap(other.call_);
    }

    std::unique_ptr<Event> arrived_;
    std::shared_ptr<AsyncCall<T>> call_;
};

// Begins it and waits for it.
template <typename T, typename Initiate> boost::asio::awaitable<T> async_call(Initiate initiate) {
    StartedCall<T> call(co_await boost::asio::this_coro::executor, std::move(initiate));
    co_return co_await call.result();
}

} // namespace postern::net
