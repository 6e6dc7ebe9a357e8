#include "loop.h"
#include "net/async_call.h"

#include <CppUTest/TestHarness.h>

#include <memory>
#include <thread>
#include <vector>

using namespace postern::net;

TEST_GROUP(AsyncCall) {
    Loop loop;
    using Done = AsyncDone<std::unique_ptr<int>>;

    // Throws what the call throws.
    static asio::awaitable<int> wait(std::optional<Done> & done) {
        auto const value =
            co_await async_call<std::unique_ptr<int>>([&done](Done given) { done.emplace(std::move(given)); });
        co_return *value;
    }
    static asio::awaitable<std::string> failure_of(std::optional<Done> & done) {
        try {
            co_await wait(done);
        } catch (std::runtime_error const& error) {
            co_return error.what();
        }
        co_return "";
    }
};

TEST(AsyncCall, resumes_with_what_the_callback_is_given) {
    std::optional<Done> done;
    auto const result = loop.start(wait(done));
    CHECK(!*result);
    (*done)(std::make_unique<int>(7));
    CHECK(!*result);
    loop.run_ready();
    CHECK_EQUAL(7, **result);
}

TEST(AsyncCall, takes_a_callback_that_comes_at_once) {
    auto const at_once = []() -> asio::awaitable<int> {
        co_return co_await async_call<int>([](AsyncDone<int> done) { done(3); });
    };
    CHECK_EQUAL(3, **loop.start(at_once()));
}

TEST(AsyncCall, takes_callbacks_from_another_thread) {
    std::vector<std::jthread> threads;
    auto const many = [](std::vector<std::jthread>& workers) -> asio::awaitable<int> {
        int sum = 0;
        for (int i = 0; i < 100; ++i)
            sum += co_await async_call<int>([&workers, i](AsyncDone<int> done) {
                workers.emplace_back([i, done = std::move(done)]() mutable { done(i); });
            });
        co_return sum;
    };
    CHECK_EQUAL(4950, loop.finish(loop.start(many(threads))));
}

TEST(AsyncCall, throws_when_the_work_is_given_up) {
    std::optional<Done> done;
    auto const failure = loop.start(failure_of(done));
    done.reset();
    loop.run_ready();
    CHECK(*failure && !(*failure)->empty());
}

TEST(AsyncCall, takes_a_callback_after_the_coroutine_and_its_context_are_gone) {
    std::optional<Done> done;
    {
        Loop other;
        other.start(wait(done));
    }
    (*done)(std::make_unique<int>(7));
    CHECK(done.has_value());
}
