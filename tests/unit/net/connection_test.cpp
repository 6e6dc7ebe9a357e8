#include "core/log.h"
#include "loop.h"
#include "net/connection.h"
#include "net/memory_stream.h"

#include <CppUTest/TestHarness.h>

#include <memory>

using namespace postern::net;
using namespace std::chrono_literals;

TEST_GROUP(Connection) {
    Loop loop;
    Event stop{loop.context.get_executor()};
    MemoryStream* peer = nullptr;
    std::unique_ptr<Connection> connection;

    void setup() override {
        postern::core::set_log_level(postern::core::Level::error);
        auto stream = std::make_unique<MemoryStream>(loop.context.get_executor());
        peer = stream.get();
        connection = std::make_unique<Connection>(std::move(stream), Endpoints{"192.0.2.1", 1, "192.0.2.2", 25}, stop);
    }

    void teardown() override {
        connection.reset();
        loop.run_ready();
    }
};

TEST(Connection, fill_sends_what_is_queued_and_waits_for_input) {
    connection->queue("220 ");
    connection->queue("ready\r\n");
    CHECK_EQUAL(std::string(), peer->take_output());
    auto const filled = loop.start(connection->fill());
    CHECK_EQUAL(std::string("220 ready\r\n"), peer->take_output());
    CHECK(!*filled);
    peer->feed("NOOP\r\n");
    loop.run_ready();
    CHECK(*filled == Input::data);
    CHECK_EQUAL(std::string("NOOP\r\n"), std::string(connection->input()));
}

TEST(Connection, keeps_input_that_was_not_consumed) {
    peer->feed("onetwo");
    CHECK(*loop.start(connection->fill()) == Input::data);
    connection->consume(3);
    CHECK_EQUAL(std::string("two"), std::string(connection->input()));
    peer->feed("three");
    CHECK(*loop.start(connection->fill()) == Input::data);
    CHECK_EQUAL(std::string("twothree"), std::string(connection->input()));
}

TEST(Connection, takes_its_buffers_from_the_budget_and_reads_less_where_there_is_none) {
    MemoryBudget budget(1'000'000);
    auto stream = std::make_unique<MemoryStream>(loop.context.get_executor());
    peer = stream.get();
    connection = std::make_unique<Connection>(std::move(stream), Endpoints{"192.0.2.1", 1, "192.0.2.2", 25}, stop,
                                              MemoryShare(budget, "192.0.2.1"));
    peer->feed(std::string(100'000, 'x'));
    CHECK(*loop.start(connection->fill(50'000)) == Input::data);
    CHECK_EQUAL(50'000U, connection->input().size());
    CHECK_TRUE(budget.held() > 50'000);
    connection->consume(50'000);
    budget.set_ceiling(0);
    CHECK(*loop.start(connection->fill(50'000)) == Input::data);
    CHECK_TRUE(connection->input().size() < 5'000);
    CHECK_TRUE(budget.held() < 50'000);
    connection->queue(std::string(200'000, 'y'));
    CHECK_TRUE(budget.held() > 200'000);
    connection.reset();
    CHECK_EQUAL(0U, budget.held());
}

TEST(Connection, reads_no_more_at_a_time_than_asked) {
    peer->feed(std::string(100, 'x'));
    CHECK(*loop.start(connection->fill(10)) == Input::data);
    CHECK_EQUAL(10U, connection->input().size());
    CHECK(*loop.start(connection->fill(10)) == Input::data);
    CHECK_EQUAL(20U, connection->input().size());
}

TEST(Connection, tells_the_end_of_input_and_can_still_answer) {
    peer->feed("QUIT\r\n");
    peer->feed_end();
    CHECK(*loop.start(connection->fill()) == Input::data);
    connection->queue("221 bye\r\n");
    CHECK(*loop.start(connection->fill()) == Input::closed);
    CHECK_EQUAL(std::string("221 bye\r\n"), peer->take_output());
}

TEST(Connection, drops_output_once_the_peer_is_gone) {
    peer->fail(std::make_error_code(std::errc::connection_reset));
    connection->queue("hello");
    CHECK(!**loop.start(connection->flush()));
    connection->queue("nobody listens");
    CHECK(!**loop.start(connection->flush()));
    CHECK(*loop.start(connection->fill()) == Input::closed);
    CHECK(**loop.start(connection->close()));
}

TEST(Connection, times_out_when_nothing_comes) {
    connection->set_idle_time(0s);
    CHECK(loop.finish(loop.start(connection->fill())) == Input::timed_out);
    connection->queue("421 too slow\r\n");
    CHECK(**loop.start(connection->close()));
    CHECK_EQUAL(std::string("421 too slow\r\n"), peer->take_output());
    CHECK(peer->closed());
}

TEST(Connection, works_on_after_a_time_out) {
    connection->set_idle_time(0s);
    CHECK(loop.finish(loop.start(connection->fill())) == Input::timed_out);
    connection->set_idle_time(300s);
    auto const filled = loop.start(connection->fill());
    peer->feed("x");
    loop.run_ready();
    CHECK(*filled == Input::data);
}

TEST(Connection, a_shorter_idle_time_than_the_last_one_counts) {
    connection->set_idle_time(300s);
    peer->feed("x");
    CHECK(*loop.start(connection->fill()) == Input::data);
    connection->set_idle_time(0s);
    CHECK(loop.finish(loop.start(connection->fill())) == Input::timed_out);
}

TEST(Connection, input_that_is_there_wins_over_a_deadline_that_passed) {
    connection->set_idle_time(0s);
    peer->feed("x");
    CHECK(*loop.start(connection->fill()) == Input::data);
}

TEST(Connection, gives_up_on_a_peer_that_does_not_read) {
    connection->set_idle_time(0s);
    peer->set_output_capacity(10);
    connection->queue(std::string(100, 'x'));
    CHECK(!loop.finish(loop.start(connection->flush())));
    CHECK(*loop.start(connection->fill()) == Input::closed);
}

TEST(Connection, a_slow_reader_gets_everything) {
    peer->set_output_capacity(1000);
    std::string const sent(100'000, 'x');
    connection->queue(sent);
    auto const flushed = loop.start(connection->flush());
    std::string got;
    while (!*flushed) {
        got += peer->take_output();
        loop.run_ready();
    }
    got += peer->take_output();
    CHECK(**flushed);
    CHECK(got == sent);
}

TEST(Connection, flush_if_full_sends_only_above_the_high_water_mark) {
    connection->queue(std::string(Connection::output_high_water, 'x'));
    CHECK(**loop.start(connection->flush_if_full()));
    CHECK_EQUAL(0U, peer->take_output().size());
    connection->queue("x");
    CHECK(**loop.start(connection->flush_if_full()));
    CHECK_EQUAL(Connection::output_high_water + 1, peer->take_output().size());
}

TEST(Connection, shutdown_ends_a_wait_for_input_and_every_later_one) {
    auto const filled = loop.start(connection->fill());
    CHECK(!*filled);
    stop.raise();
    loop.run_ready();
    CHECK(*filled == Input::shutdown);
    peer->feed("more");
    CHECK(*loop.start(connection->fill()) == Input::shutdown);
    connection->queue("* BYE\r\n");
    CHECK(**loop.start(connection->close()));
    CHECK_EQUAL(std::string("* BYE\r\n"), peer->take_output());
}

TEST(Connection, an_event_ends_a_wait_for_input_and_no_octet_is_lost) {
    Event changed(loop.context.get_executor());
    auto const woken = loop.start(connection->fill_or(changed));
    CHECK(!*woken);
    changed.raise();
    changed.raise();
    peer->feed("DONE\r\n");
    loop.run_ready();
    CHECK(*woken == Input::event);
    CHECK(!changed.raised());
    CHECK(*loop.start(connection->fill_or(changed)) == Input::data);
    CHECK_EQUAL(std::string("DONE\r\n"), std::string(connection->input()));
}

TEST(Connection, an_event_that_was_raised_before_is_not_missed) {
    Event changed(loop.context.get_executor());
    changed.raise();
    CHECK(*loop.start(connection->fill_or(changed)) == Input::event);
    auto const filled = loop.start(connection->fill_or(changed));
    CHECK(!*filled);
    peer->feed("x");
    loop.run_ready();
    CHECK(*filled == Input::data);
}

TEST(Connection, an_event_is_noticed_while_input_keeps_coming) {
    Event changed(loop.context.get_executor());
    auto const filled = loop.start(connection->fill_or(changed));
    peer->feed("x");
    changed.raise();
    loop.run_ready();
    CHECK(*filled == Input::event);
    CHECK(*loop.start(connection->fill_or(changed)) == Input::data);
}

TEST(Connection, fill_ignores_an_event_that_another_call_waited_for) {
    Event changed(loop.context.get_executor());
    peer->feed("x");
    CHECK(*loop.start(connection->fill_or(changed)) == Input::data);
    connection->consume(1);
    auto const filled = loop.start(connection->fill());
    changed.raise();
    loop.run_ready();
    CHECK(!*filled);
    peer->feed("y");
    loop.run_ready();
    CHECK(*filled == Input::data);
    CHECK(changed.raised());
}

TEST(Connection, may_go_while_its_coroutine_waits) {
    auto const holder = [](std::unique_ptr<Connection> held) -> asio::awaitable<void> { co_await held->fill(); };
    Loop other;
    Event other_stop(other.context.get_executor());
    auto stream = std::make_unique<MemoryStream>(other.context.get_executor());
    auto const filled = other.start(holder(std::make_unique<Connection>(std::move(stream), Endpoints{}, other_stop)));
    CHECK(!*filled); // and goes with its context
}
