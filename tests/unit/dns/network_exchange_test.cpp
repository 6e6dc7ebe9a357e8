#include "../net/loop.h"
#include "../net/name_server.h"
#include "../net/office.h"
#include "core/log.h"
#include "core/random.h"
#include "dns/forwarder.h"
#include "dns/network_exchange.h"
#include "net/tcp_stream.h"
#include "net/tls.h"
#include "net/tls_stream.h"
#include "records.h"

#include <boost/asio/detached.hpp>

#include <CppUTest/TestHarness.h>

#include <array>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace postern::dns::testing {

// Over loopback sockets.
TEST_GROUP(NetworkExchange) {
    using Outcome = std::expected<Message, net::DnsFailure>;

    net::Loop loop;
    core::SystemRandom random;
    core::SystemClock clock;
    net::TestNameServer server{loop};
    NetworkExchange exchange{loop.context.get_executor(), random};
    boost::asio::ip::tcp::acceptor acceptor{loop.context};
    std::shared_ptr<net::TlsServer> tls;

    void setup() override { core::set_log_level(core::Level::error); }

    UpstreamServer plain() { return {{asio::ip::address_v4::loopback(), server.address().port}, {}}; }
    static Message query(std::string_view of) {
        Message message;
        message.id = 7;
        message.questions = {{name(of), Type::a}};
        message.edns = wire::dns::Edns{.payload_size = 1232, .errors = {}};
        return message;
    }
    Outcome ask(UpstreamServer const& whom, Way way, std::string_view of = "www.example") {
        return loop.finish(loop.start(exchange.ask(whom, way, query(of))));
    }

    // One that speaks TLS as mail.office.lan, keeps connections and answers everything by an address.
    UpstreamServer speaking_tls(std::string expected_name) {
        auto const office = net::make_office();
        tls = *net::TlsServer::make(office.server);
        exchange.set_trust(net::TlsClient::make({.trusted = office.authority, .key_digest = {}, .alpn = {}}));
        acceptor = {loop.context, {asio::ip::address_v4::loopback(), 0}};
        asio::co_spawn(loop.context, accept(), asio::detached);
        return {{asio::ip::address_v4::loopback(), acceptor.local_endpoint().port()}, std::move(expected_name)};
    }
    int accepted = 0;
    asio::awaitable<void> accept() {
        while (true) {
            auto [error, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
            if (error) co_return;
            ++accepted;
            asio::co_spawn(loop.context, serve(tls->wrap(std::make_unique<net::TcpStream>(std::move(socket)))),
                           asio::detached);
        }
    }
    static asio::awaitable<void> serve(std::unique_ptr<net::TlsStream> stream) {
        if (co_await stream->handshake()) co_return;
        std::string received;
        while (true) {
            std::array<char, 4096> buffer;
            auto const count = co_await stream->read_some(buffer);
            if (!count || *count == 0) co_return;
            received.append(buffer.data(), *count);
            while (received.size() > 2) {
                std::size_t const length = static_cast<std::size_t>(static_cast<unsigned char>(received[0])) << 8 |
                                           static_cast<unsigned char>(received[1]);
                if (received.size() < 2 + length) break;
                auto reply =
                    net::TestNameServer::reply_to(wire::dns::parse_message(received.substr(2, length)).message);
                received.erase(0, 2 + length);
                reply.answers = {a(reply.questions.front().name.text())};
                std::string const octets = wire::dns::format(reply);
                co_await stream->write_all(
                    std::string{static_cast<char>(octets.size() >> 8), static_cast<char>(octets.size())} + octets);
            }
        }
    }
};

TEST(NetworkExchange, asks_by_UDP_and_takes_what_answers_it_alone) {
    server.answer = [this](Message const& asked, bool) {
        auto reply = net::TestNameServer::reply_to(asked);
        server.answer_from_elsewhere(wire::dns::format(reply));
        ++reply.id;
        server.say_to_client(wire::dns::format(reply));
        --reply.id;
        reply.answers = {a("www.example")};
        return wire::dns::format(reply);
    };
    auto const answer = ask(plain(), Way::udp);
    CHECK(answer.has_value());
    LONGS_EQUAL(1, answer->answers.size());
}

TEST(NetworkExchange, tells_that_nobody_is_there) {
    auto nobody = plain();
    nobody.endpoint.port(1);
    CHECK(ask(nobody, Way::udp).error().error == std::errc::connection_refused);
    CHECK(ask(nobody, Way::tcp).error().error == std::errc::connection_refused);
}

TEST(NetworkExchange, asks_by_TCP) {
    server.answer = [](Message const& asked, bool tcp) {
        auto reply = net::TestNameServer::reply_to(asked);
        if (tcp) reply.answers.assign(2000, a("www.example"));
        std::string const octets = wire::dns::format(reply);
        return std::string{static_cast<char>(octets.size() >> 8), static_cast<char>(octets.size())} + octets;
    };
    for (int i = 0; i < 2; ++i) { // that closes the connection after each answer
        auto const answer = ask(plain(), Way::tcp);
        CHECK(answer.has_value());
        LONGS_EQUAL(2000, answer->answers.size());
    }
}

// RFC 7858 §3.4
TEST(NetworkExchange, asks_by_TLS_over_a_connection_that_it_keeps) {
    auto const server_by_tls = speaking_tls("mail.office.lan");
    for (int i = 0; i < 3; ++i) {
        auto const answer = ask(server_by_tls, Way::tls);
        CHECK(answer.has_value());
        LONGS_EQUAL(1, answer->answers.size());
    }
    LONGS_EQUAL(1, accepted);
}

// RFC 8310 §5
TEST(NetworkExchange, says_nothing_to_who_cannot_prove_his_name) {
    auto const poser = speaking_tls("dns.example");
    auto const answer = ask(poser, Way::tls);
    CHECK_FALSE(answer.has_value());
    STRCMP_CONTAINS("cannot be trusted", answer.error().reason.c_str());
    exchange.set_trust(std::unexpected("there are no authorities"));
    STRCMP_CONTAINS("there are no authorities", ask(poser, Way::tls).error().reason.c_str());
    LONGS_EQUAL(1, accepted);
}

TEST(NetworkExchange, carries_a_forwarder) {
    ForwarderOptions options;
    options.servers = {{"127.0.0.1", 1}, {"127.0.0.1", server.address().port}};
    Forwarder forwarder(loop.context.get_executor(), clock, random, exchange, options,
                        [](asio::ip::address const&) { return false; });
    server.answer = [](Message const& asked, bool tcp) {
        auto reply = net::TestNameServer::reply_to(asked);
        reply.answers = {a(asked.questions.at(0).name.text(), {192, 0, 2, 9})};
        reply.truncated = !tcp;
        std::string const octets = wire::dns::format(reply);
        if (!tcp) return octets;
        return std::string{static_cast<char>(octets.size() >> 8), static_cast<char>(octets.size())} + octets;
    };
    std::string const wire(name("www.example").wire());
    auto const answer = loop.finish(loop.start(forwarder.look_up(wire, Type::a, false, false)));
    LONGS_EQUAL(1, answer->answers);
    CHECK(forwarder.known({wire, Type::a, false, false}) == answer);
    loop.run_ready();
}

} // namespace postern::dns::testing
