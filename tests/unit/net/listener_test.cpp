#include "core/log.h"
#include "loop.h"
#include "net/listener.h"
#include "net/tcp_stream.h"
#include "net/tls.h"
#include "net/tls_stream.h"
#include "office.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <CppUTest/TestHarness.h>
#include <sys/resource.h>

#include <array>
#include <memory>
#include <vector>

using namespace postern;
using namespace postern::net;
using asio::ip::tcp;
using namespace std::chrono_literals;

TEST_GROUP(Listener) {
    Loop loop;
    Event stop{loop.context.get_executor()};
    Census census;
    ConnectionLimits limits{100, 100};
    std::unique_ptr<Listener> listener;

    // Real sockets: the kernel takes its time, so this waits.
    template <typename T> auto finish(asio::awaitable<T> work) { return loop.finish(loop.start(std::move(work))); }

    void setup() override { core::set_log_level(core::Level::error); }

    void teardown() override {
        stop.raise();
        if (listener) finish(listener->drained(10s));
        listener.reset();
    }

    static asio::awaitable<void> echo(Connection & connection) {
        connection.queue("hello\r\n");
        while (co_await connection.fill() == Input::data) {
            if (connection.input().starts_with("throw")) throw std::runtime_error("as the test wished");
            connection.queue(connection.input());
            connection.consume(connection.input().size());
        }
        connection.queue("bye\r\n");
    }

    Service service() {
        return {.name = "echo",
                .serve = echo,
                .limits = [this] { return limits; },
                .refusal = "no room\r\n",
                .implicit_tls = {}};
    }

    void listen(Service what, std::string const& address = "127.0.0.1") {
        auto made = Listener::bind(loop.context.get_executor(), address, 0, std::move(what), census, stop);
        if (!made) FAIL(made.error().c_str());
        listener = std::move(*made);
        listener->start();
    }

    tcp::socket connect(char const* address = "127.0.0.1") {
        tcp::socket socket(loop.context);
        socket.connect({asio::ip::make_address(address), listener->port()});
        return socket;
    }

    static asio::awaitable<std::string> read(tcp::socket & from, std::size_t octets) {
        std::string got(octets, '\0');
        auto const [error, count] = co_await asio::async_read(from, asio::buffer(got), asio::as_tuple(asio::deferred));
        got.resize(count);
        co_return got;
    }
    // Until the other side closes.
    std::string rest(tcp::socket & from) { return finish(read(from, 1000)); }

    bool ended(std::size_t sessions) {
        while (listener->sessions() > sessions) loop.context.run_one();
        return true;
    }
};

TEST(Listener, runs_a_session_for_each_connection) {
    listen(service());
    tcp::socket first = connect();
    tcp::socket second = connect();
    CHECK_EQUAL(std::string("hello\r\n"), finish(read(first, 7)));
    CHECK_EQUAL(std::string("hello\r\n"), finish(read(second, 7)));
    asio::write(second, asio::buffer("NOOP", 4));
    CHECK_EQUAL(std::string("NOOP"), finish(read(second, 4)));
    CHECK_EQUAL(2U, listener->sessions());
    first.shutdown(tcp::socket::shutdown_send);
    CHECK_EQUAL(std::string("bye\r\n"), rest(first));
    first.close();
    CHECK(ended(1));
    CHECK_EQUAL(1U, census.total());
}

TEST(Listener, says_goodbye_at_shutdown_and_waits_for_it) {
    listen(service());
    tcp::socket client = connect();
    finish(read(client, 7));
    stop.raise();
    auto const drained = loop.start(listener->drained(10s));
    CHECK_EQUAL(std::string("bye\r\n"), rest(client));
    client.close();
    CHECK(loop.finish(drained));
    CHECK_EQUAL(0U, listener->sessions());
    CHECK_EQUAL(0U, census.total());
    tcp::socket late(loop.context);
    boost::system::error_code refused;
    std::uint16_t const port = listener->port();
    CHECK_EQUAL(0U, port);
    late.connect({asio::ip::make_address("127.0.0.1"), port}, refused);
    CHECK(refused.failed());
}

TEST(Listener, without_memory_for_a_connection_it_is_refused) {
    listen(service());
    limits.memory = 2 * Connection::idle_octets + 1000;
    tcp::socket first = connect();
    CHECK_EQUAL(std::string("hello\r\n"), finish(read(first, 7)));
    tcp::socket second = connect();
    CHECK_EQUAL(std::string("no room\r\n"), rest(second));
    first.close();
    CHECK(ended(0));
    tcp::socket third = connect();
    CHECK_EQUAL(std::string("hello\r\n"), finish(read(third, 7)));
}

TEST(Listener, draining_ends_with_sessions_that_do_not) {
    Service stubborn = service();
    stubborn.serve = [](Connection& connection) -> asio::awaitable<void> {
        Event never(connection.executor());
        connection.queue("hello\r\n");
        co_await connection.flush();
        co_await never.wait();
    };
    listen(std::move(stubborn));
    tcp::socket client = connect();
    finish(read(client, 7));
    stop.raise();
    CHECK(finish(listener->drained(1ms)));
    CHECK_EQUAL(1U, listener->sessions());
    listener.reset(); // the session goes with the context
}

TEST(Listener, outlives_a_session_that_throws) {
    core::set_log_level(static_cast<core::Level>(2));
    listen(service());
    tcp::socket first = connect();
    asio::write(first, asio::buffer("throw", 5));
    CHECK_EQUAL(std::string("hello\r\n"), rest(first));
    first.close();
    CHECK(ended(0));
    tcp::socket second = connect();
    CHECK_EQUAL(std::string("hello\r\n"), finish(read(second, 7)));
}

TEST(Listener, refuses_more_connections_than_are_allowed) {
    limits = {2, 100};
    listen(service());
    tcp::socket first = connect();
    tcp::socket second = connect();
    finish(read(first, 7));
    finish(read(second, 7));
    tcp::socket third = connect();
    CHECK_EQUAL(std::string("no room\r\n"), rest(third));
    // A setting applies to the next connection.
    limits = {3, 100};
    tcp::socket fourth = connect();
    CHECK_EQUAL(std::string("hello\r\n"), finish(read(fourth, 7)));
    // And a place that is left can be taken.
    first.close();
    CHECK(ended(2));
    tcp::socket fifth = connect();
    CHECK_EQUAL(std::string("hello\r\n"), finish(read(fifth, 7)));
}

TEST(Listener, refuses_more_connections_of_one_address_than_are_allowed) {
    limits = {100, 1};
    listen(service(), "::");
    tcp::socket first = connect("127.0.0.1");
    finish(read(first, 7));
    tcp::socket second = connect("127.0.0.1");
    CHECK_EQUAL(std::string("no room\r\n"), rest(second));
    tcp::socket other = connect("::1");
    CHECK_EQUAL(std::string("hello\r\n"), finish(read(other, 7)));
}

TEST(Listener, tells_addresses_as_people_write_them) {
    Endpoints seen;
    Service telling = service();
    telling.serve = [&seen](Connection& connection) -> asio::awaitable<void> {
        seen = connection.endpoints();
        co_return;
    };
    listen(std::move(telling), "::");
    tcp::socket client = connect("127.0.0.1");
    rest(client);
    CHECK_EQUAL(std::string("127.0.0.1"), seen.peer_address);
    CHECK_EQUAL(std::string("127.0.0.1"), seen.local_address);
    CHECK_EQUAL(client.local_endpoint().port(), seen.peer_port);
    CHECK_EQUAL(listener->port(), seen.local_port);
}

TEST(Listener, its_last_words_arrive_though_the_client_still_talks) {
    Service brief = service();
    brief.serve = [](Connection& connection) -> asio::awaitable<void> {
        co_await connection.fill(1);
        connection.queue("421 enough\r\n");
    };
    listen(std::move(brief));
    tcp::socket client = connect();
    std::string const flood(100'000, 'x');
    asio::write(client, asio::buffer(flood));
    auto const last_words = loop.start(read(client, 1000));
    CHECK_EQUAL(std::string("421 enough\r\n"), loop.finish(last_words));
    asio::write(client, asio::buffer(flood));
    client.close();
    CHECK(ended(0));
}

TEST(Listener, outlives_a_full_file_table) {
    core::set_log_level(static_cast<core::Level>(2));
    listen(service());
    tcp::socket first = connect();
    finish(read(first, 7));
    // Sockets for clients, then no descriptor for accept(2).
    tcp::socket second(loop.context, tcp::v4());
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    rlimit const none{3, before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
    second.connect({asio::ip::make_address("127.0.0.1"), listener->port()});
    auto const greeting = loop.start(read(second, 7));
    for (int i = 0; i < 10; ++i) loop.context.poll_one();
    bool const was_greeted = greeting->has_value();
    ::setrlimit(RLIMIT_NOFILE, &before); // before anything else: sanitizers need descriptors too
    CHECK(!was_greeted);
    CHECK_EQUAL(std::string("hello\r\n"), loop.finish(greeting));
}

TEST(Listener, shakes_hands_first_where_tls_is_implicit) {
    auto const server = *TlsServer::make(make_office().server);
    Service secure = service();
    secure.implicit_tls = [&] { return server; };
    listen(std::move(secure));
    auto const client = *TlsClient::make({});
    auto const end = client->wrap(std::make_unique<TcpStream>(connect()), "");
    CHECK(!finish(end->handshake()));
    std::array<char, 100> some;
    auto const greeting = finish(end->read_some(some));
    CHECK_EQUAL(std::string("hello\r\n"), std::string(some.data(), greeting.value_or(0)));

    tcp::socket plain = connect();
    asio::write(plain, asio::buffer("EHLO client\r\n", 13));
    CHECK(!rest(plain).starts_with("hello"));
    finish(end->close());
}

TEST(Listener, adopts_a_socket_that_somebody_else_opened) {
    tcp::acceptor opened(loop.context, {asio::ip::make_address("127.0.0.1"), 0});
    std::uint16_t const port = opened.local_endpoint().port();
    auto adopted = Listener::adopt(loop.context.get_executor(), opened.release(), service(), census, stop);
    CHECK(adopted.has_value());
    listener = std::move(*adopted);
    listener->start();
    CHECK_EQUAL(port, listener->port());
    tcp::socket client = connect();
    CHECK_EQUAL(std::string("hello\r\n"), finish(read(client, 7)));
}

TEST(Listener, adopts_nothing_else) {
    tcp::socket no_listener(loop.context, tcp::v4());
    auto const adopted =
        Listener::adopt(loop.context.get_executor(), no_listener.native_handle(), service(), census, stop);
    CHECK(!adopted);
}

TEST(Listener, says_where_it_cannot_listen) {
    listen(service());
    auto const twice =
        Listener::bind(loop.context.get_executor(), "127.0.0.1", listener->port(), service(), census, stop);
    STRCMP_CONTAINS("127.0.0.1", twice.error().c_str());
    STRCMP_CONTAINS("echo", twice.error().c_str());
    CHECK(!Listener::bind(loop.context.get_executor(), "office.lan", 0, service(), census, stop));
}

TEST(Listener, a_connection_over_tcp_carries_much_both_ways) {
    listen(service());
    auto const talk = [](TcpStream& stream, std::string const& sent) -> asio::awaitable<std::string> {
        std::string got;
        std::array<char, 4096> some;
        for (std::size_t at = 0; at < sent.size(); at += 50'000) {
            if (co_await stream.write_all(std::string_view(sent).substr(at, 50'000))) co_return "write failed";
            std::size_t const wanted = std::min(at + 50'000, sent.size()) + 7;
            while (got.size() < wanted) {
                auto const octets = co_await stream.read_some(some);
                if (!octets || *octets == 0) co_return "read failed";
                got.append(some.data(), *octets);
            }
        }
        co_return got;
    };
    TcpStream stream(connect());
    std::string const sent = core::SeededRandom(3).bytes(1'000'000);
    CHECK(finish(talk(stream, sent)) == "hello\r\n" + sent);
    finish(stream.close());
}
