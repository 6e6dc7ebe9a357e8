// The awaitable face of the store: sessions say co_await and are resumed on their own executor, after the commit.
#pragma once

#include "net/async_call.h"
#include "store/store.h"
#include "store/transaction.h"

#include <boost/asio/awaitable.hpp>

#include <type_traits>
#include <utility>

namespace postern::office {

namespace asio = boost::asio;

class Storage {
public:
    explicit Storage(store::Store& store) : store_(store) {}

    // change: store::Result<T>(store::WriteTransaction&), as store/store.h describes. Resumes once it is on flash.
    template <typename Change>
    asio::awaitable<std::invoke_result_t<Change&, store::WriteTransaction&>> write(Change change) {
        using R = std::invoke_result_t<Change&, store::WriteTransaction&>;
        return net::async_call<R>(writing(std::move(change)));
    }
    // As write(), while the caller, a coroutine on `executor`, does something else.
    template <typename Change> auto begin_write(asio::any_io_executor const& executor, Change change) {
        using R = std::invoke_result_t<Change&, store::WriteTransaction&>;
        return net::StartedCall<R>(executor, writing(std::move(change)));
    }

    // look: store::Result<T>(store::ReadTransaction const&), on a reader's thread.
    template <typename Look>
    asio::awaitable<std::invoke_result_t<Look&, store::ReadTransaction const&>> read(Look look) {
        using R = std::invoke_result_t<Look&, store::ReadTransaction const&>;
        return net::async_call<R>(reading(std::move(look)));
    }
    // The same on this thread, the network's: for a look at a few pages that surely are in memory, since every message
    // needs them or since they were committed a moment ago. Two changes of thread would cost more than such a look; one
    // page from flash would make every session wait.
    template <typename Look> std::invoke_result_t<Look&, store::ReadTransaction const&> read_here(Look&& look) {
        return store_.read_here(std::forward<Look>(look));
    }
    // As read(), while the caller, a coroutine on `executor`, does something else.
    template <typename Look> auto begin_read(asio::any_io_executor const& executor, Look look) {
        using R = std::invoke_result_t<Look&, store::ReadTransaction const&>;
        return net::StartedCall<R>(executor, reading(std::move(look)));
    }

    // Work that burns processor, on a reader's thread, without a transaction.
    template <typename Work> asio::awaitable<std::invoke_result_t<Work&>> compute(Work work) {
        using R = std::invoke_result_t<Work&>;
        return net::async_call<R>([&store = store_, work = std::move(work)](auto done) mutable {
            store.run_on_pool([work = std::move(work), done = std::move(done)]() mutable { done(work()); });
        });
    }

    [[nodiscard]] store::Store& store() { return store_; }

private:
    template <typename Change> auto writing(Change change) {
        return [&store = store_, change = std::move(change)](auto done) mutable {
            store.write(std::move(change), std::move(done));
        };
    }
    template <typename Look> auto reading(Look look) {
        return [&store = store_, look = std::move(look)](auto done) mutable {
            store.read(std::move(look), std::move(done));
        };
    }

    store::Store& store_;
};

} // namespace postern::office
