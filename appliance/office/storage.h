// The awaitable face of the store: sessions say co_await and are resumed on their own executor, after the commit.
#pragma once

#include "net/async_call.h"
#include "store/store.h"
#include "store/transaction.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <functional>
#include <type_traits>
#include <utility>

namespace postern::office {

namespace asio = boost::asio;

// What it is given is a closure of its own in each of some hundred places. It is passed on as a function of its kind of
// result, so that the code which waits is made once for each kind, not once for each closure.
class Storage {
public:
    explicit Storage(store::Store& store) : store_(store) {}

    // change: store::Result<T>(store::WriteTransaction&), as store/store.h describes. Resumes once it is on flash.
    template <typename Change>
    asio::awaitable<std::invoke_result_t<Change&, store::WriteTransaction&>> write(Change change) {
        return finish(Writing<Change>(std::move(change)));
    }
    // As write(), while the caller, a coroutine on `executor`, does something else.
    template <typename Change> auto begin_write(asio::any_io_executor const& executor, Change change) {
        return begin(executor, Writing<Change>(std::move(change)));
    }

    // look: store::Result<T>(store::ReadTransaction const&), on a reader's thread.
    template <typename Look>
    asio::awaitable<std::invoke_result_t<Look&, store::ReadTransaction const&>> read(Look look) {
        return finish(Reading<Look>(std::move(look)));
    }
    // The same on this thread, the network's: for a look at a few pages that surely are in memory, since every message
    // needs them or since they were committed a moment ago. Two changes of thread would cost more than such a look; one
    // page from flash would make every session wait.
    template <typename Look> std::invoke_result_t<Look&, store::ReadTransaction const&> read_here(Look&& look) {
        return store_.read_here(std::forward<Look>(look));
    }
    // As read(), while the caller, a coroutine on `executor`, does something else.
    template <typename Look> auto begin_read(asio::any_io_executor const& executor, Look look) {
        return begin(executor, Reading<Look>(std::move(look)));
    }

    // Work that burns processor, on a reader's thread, without a transaction.
    template <typename Work> asio::awaitable<std::invoke_result_t<Work&>> compute(Work work) {
        using R = std::invoke_result_t<Work&>;
        return finish(std::move_only_function<R()>(std::move(work)));
    }

    [[nodiscard]] store::Store& store() { return store_; }

private:
    template <typename Change>
    using Writing =
        std::move_only_function<std::invoke_result_t<Change&, store::WriteTransaction&>(store::WriteTransaction&)>;
    template <typename Look>
    using Reading = std::move_only_function<std::invoke_result_t<Look&, store::ReadTransaction const&>(
        store::ReadTransaction const&)>;

    template <typename R>
    net::StartedCall<R> begin(asio::any_io_executor const& executor,
                              std::move_only_function<R(store::WriteTransaction&)> change) {
        net::StartedCall<R> call(executor);
        store_.write(std::move(change), call.done());
        return call;
    }
    template <typename R>
    net::StartedCall<R> begin(asio::any_io_executor const& executor,
                              std::move_only_function<R(store::ReadTransaction const&)> look) {
        net::StartedCall<R> call(executor);
        store_.read(std::move(look), call.done());
        return call;
    }
    template <typename R>
    net::StartedCall<R> begin(asio::any_io_executor const& executor, std::move_only_function<R()> work) {
        net::StartedCall<R> call(executor);
        store_.run_on_pool([work = std::move(work), done = call.done()]() mutable { done(work()); });
        return call;
    }
    template <typename R, typename... Parameters>
    asio::awaitable<R> finish(std::move_only_function<R(Parameters...)> what) {
        auto call = begin(co_await asio::this_coro::executor, std::move(what));
        co_return co_await call.result();
    }

    store::Store& store_;
};

} // namespace postern::office
