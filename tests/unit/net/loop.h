// An io_context that a test runs by hand: everything that can happen now happens, and no test waits for the clock.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace postern::net {

namespace asio = boost::asio;

class Loop {
public:
    asio::io_context context;

    // Until nothing can go on without something from outside.
    void run_ready() {
        context.restart();
        while (context.poll() > 0) {
        }
    }

    // Where a coroutine leaves its result; empty while it waits.
    template <typename T> using Outcome = std::shared_ptr<std::optional<T>>;

    template <typename T> Outcome<T> start(asio::awaitable<T> work) {
        auto outcome = std::make_shared<std::optional<T>>();
        asio::co_spawn(context, std::move(work), [outcome](std::exception_ptr failure, T result) {
            if (failure) std::rethrow_exception(failure);
            *outcome = std::move(result);
        });
        run_ready();
        return outcome;
    }
    Outcome<bool> start(asio::awaitable<void> work) { return start(then_true(std::move(work))); }

    // Waits for the clock as well, where a test is about a deadline.
    template <typename T> T finish(Outcome<T> const& outcome) {
        while (!*outcome) {
            context.restart();
            context.run_one();
        }
        return std::move(**outcome);
    }

private:
    static asio::awaitable<bool> then_true(asio::awaitable<void> work) {
        co_await std::move(work);
        co_return true;
    }
};

} // namespace postern::net
