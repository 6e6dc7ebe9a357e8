// From callbacks to co_await: how work on other threads, above all the store's, is waited for.
#pragma once

#include "net/event.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

namespace postern::net {

// What the waiting coroutine and the callback share. Either may go first: a coroutine that is destroyed while it waits
// takes `arrived` along, and from then on the callback touches nothing of the executor, which may be gone as well.
template <typename T> class AsyncCall {
public:
    explicit AsyncCall(Event& arrived) : arrived_(&arrived) {}

    // Any thread.
    void complete(std::optional<T> value, std::shared_ptr<AsyncCall> self,
                  boost::asio::any_io_executor const& executor) {
        std::lock_guard lock(mutex_);
        if (arrived_ == nullptr) return;
        value_ = std::move(value);
        boost::asio::post(executor, [self = std::move(self)] { self->raise(); });
    }

    // The coroutine's executor.
    void abandon() {
        std::lock_guard lock(mutex_);
        arrived_ = nullptr;
    }
    std::optional<T> take() {
        std::lock_guard lock(mutex_);
        return std::move(value_);
    }

private:
    void raise() {
        std::lock_guard lock(mutex_);
        if (arrived_ != nullptr) arrived_->raise();
    }

    std::mutex mutex_;
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

// Calls initiate(AsyncDone<T>) and resumes the calling coroutine on its own executor once that was called with a T.
// Throws std::runtime_error if it never will be, or if the wait was cancelled. The executor's context keeps running
// while the coroutine waits.
template <typename T, typename Initiate> boost::asio::awaitable<T> async_call(Initiate initiate) {
    boost::asio::any_io_executor const executor = co_await boost::asio::this_coro::executor;
    Event arrived(executor);
    auto const call = std::make_shared<AsyncCall<T>>(arrived);
    struct Leave {
        AsyncCall<T>& call;
        ~Leave() { call.abandon(); }
    } leave{*call};
    initiate(AsyncDone<T>(call, executor));
    co_await arrived.wait();
    std::optional<T> value = call->take();
    if (!value) throw std::runtime_error("the work that a coroutine waited for was given up");
    co_return std::move(*value);
}

} // namespace postern::net
