#include "core/crypto.h"
#include "core/log.h"
#include "loop.h"
#include "net/certificate.h"
#include "net/connection.h"
#include "net/dialer.h"
#include "net/key_digest.h"
#include "net/listener.h"
#include "net/mbedtls.h"
#include "net/resolver.h"
#include "net/tls.h"
#include "office.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <CppUTest/TestHarness.h>
#include <mbedtls/pk.h>

#include <array>
#include <format>
#include <list>
#include <memory>
#include <string>
#include <vector>

using namespace postern;
using namespace postern::net;
using namespace std::chrono_literals;
using asio::ip::tcp;
using asio::experimental::awaitable_operators::operator||;

namespace {

// Knows what a test tells it.
class FakeResolver final : public Resolver {
public:
    explicit FakeResolver(Loop& loop) : never_(loop.context.get_executor()) {}

    LookedUp<asio::ip::address> found = std::unexpected(LookUpError{LookUpFailure::no_answer, "nobody answers"});
    bool answers = true;
    void find(std::initializer_list<std::string_view> addresses) {
        found.emplace();
        for (std::string_view const address : addresses) found->push_back(asio::ip::make_address(address));
    }

    asio::awaitable<LookedUp<asio::ip::address>> addresses(std::string) override {
        if (!answers) co_await never_.wait();
        co_return found;
    }
    asio::awaitable<LookedUp<MailExchanger>> mail_exchangers(std::string) override {
        co_return std::unexpected(LookUpError{LookUpFailure::no_answer, "nobody asks"});
    }

private:
    Event never_;
};

} // namespace

TEST_GROUP(Dialer) {
    Loop loop;
    FakeResolver resolver{loop};
    SystemDialer dialer{loop.context.get_executor(), resolver};
    tcp::acceptor acceptor{loop.context, {asio::ip::make_address("127.0.0.1"), 0}};
    std::uint16_t const port = acceptor.local_endpoint().port();

    // Real sockets: the kernel takes its time, so this waits.
    std::expected<Dialed, std::string> dial(std::string host, std::uint16_t to, std::chrono::seconds patience = 30s) {
        return loop.finish(loop.start(dialer.dial(std::move(host), to, patience)));
    }

    // Connections that nobody accepts, until the kernel answers no more.
    std::list<tcp::socket> fill_backlog() {
        acceptor.listen(0);
        std::list<tcp::socket> taken;
        for (unsigned i = 0; i < 4; ++i) {
            tcp::socket& socket = taken.emplace_back(loop.context, tcp::v4());
            socket.native_non_blocking(true);
            auto const there = acceptor.local_endpoint();
            (void)::connect(socket.native_handle(), there.data(), static_cast<socklen_t>(there.size()));
        }
        return taken;
    }
};

TEST(Dialer, connects_to_an_address) {
    auto const dialed = dial("127.0.0.1", port);
    CHECK(dialed.has_value());
    tcp::socket peer = acceptor.accept();
    CHECK_EQUAL(std::string("127.0.0.1"), dialed->endpoints.peer_address);
    CHECK_EQUAL(port, dialed->endpoints.peer_port);
    CHECK_EQUAL(peer.remote_endpoint().port(), dialed->endpoints.local_port);
    CHECK(!loop.finish(loop.start(dialed->stream->write_all("EHLO"))));
    std::array<char, 4> said{};
    CHECK_EQUAL(4U, asio::read(peer, asio::buffer(said)));
    CHECK_EQUAL(std::string("EHLO"), std::string(said.data(), said.size()));
}

TEST(Dialer, connects_to_a_name) {
    resolver.find({"127.0.0.1"});
    auto const dialed = dial("mail.firm.example", port);
    CHECK(dialed.has_value());
    CHECK_EQUAL(std::string("127.0.0.1"), dialed->endpoints.peer_address);
}

TEST(Dialer, says_who_refused) {
    acceptor.close();
    CHECK_EQUAL(std::format("127.0.0.1: 127.0.0.1 port {}: Connection refused", port), dial("127.0.0.1", port).error());
    resolver.find({"127.0.0.1"});
    CHECK_EQUAL(std::format("mail.firm.example: 127.0.0.1 port {}: Connection refused", port),
                dial("mail.firm.example", port).error());
}

TEST(Dialer, says_why_a_name_cannot_be_looked_up) {
    CHECK_EQUAL(std::string("mail.firm.example: its name cannot be looked up: nobody answers"),
                dial("mail.firm.example", port).error());
    resolver.answers = false;
    CHECK_EQUAL(std::string("mail.firm.example: looking up its name takes too long"),
                dial("mail.firm.example", port, 1s).error());
}

// RFC 8305 §5
TEST(Dialer, goes_on_to_the_next_address_where_one_does_not_answer) {
    auto const taken = fill_backlog();
    tcp::acceptor other(loop.context, {asio::ip::make_address("127.0.0.2"), port});
    resolver.find({"127.0.0.1", "127.0.0.2"});
    auto const dialed = dial("mail.firm.example", port, 1h); // the first one would take as long
    CHECK(dialed.has_value());
    CHECK_EQUAL(std::string("127.0.0.2"), dialed->endpoints.peer_address);
}

TEST(Dialer, goes_on_to_the_next_address_where_one_refuses) {
    resolver.find({"127.0.0.2", "127.0.0.1"});
    auto const dialed = dial("mail.firm.example", port);
    CHECK(dialed.has_value());
    CHECK_EQUAL(std::string("127.0.0.1"), dialed->endpoints.peer_address);
}

TEST(Dialer, goes_where_the_host_was_found_last_if_its_name_cannot_be_looked_up) {
    resolver.find({"127.0.0.2", "127.0.0.1"});
    CHECK(dial("mail.firm.example", port).has_value());
    resolver.found = std::unexpected(LookUpError{LookUpFailure::no_answer, "nobody answers"});
    auto const dialed = dial("mail.firm.example", port);
    CHECK(dialed.has_value());
    CHECK_EQUAL(std::string("127.0.0.1"), dialed->endpoints.peer_address);
    CHECK_FALSE(dial("mail.other.example", port).has_value());
}

TEST(Dialer, goes_where_the_host_was_found_last_if_its_name_is_not_looked_up_soon) {
    resolver.find({"127.0.0.1"});
    CHECK(dial("mail.firm.example", port).has_value());
    resolver.answers = false;
    CHECK(dial("mail.firm.example", port, 1h).has_value());
}

TEST(Dialer, remembers_hosts_up_to_a_bound) {
    resolver.find({"127.0.0.1"});
    for (std::size_t i = 0; i <= SystemDialer::most_remembered; ++i) {
        CHECK(dial(std::format("a{:03}.example", i), port).has_value());
        (void)acceptor.accept();
    }
    resolver.found = std::unexpected(LookUpError{LookUpFailure::no_answer, "nobody answers"});
    CHECK_FALSE(dial("a000.example", port).has_value());
    CHECK(dial(std::format("a{:03}.example", SystemDialer::most_remembered), port).has_value());
}

TEST(Dialer, loses_its_patience_with_who_does_not_answer) {
    auto const taken = fill_backlog();
    CHECK_EQUAL(std::string("127.0.0.1: it does not answer"), dial("127.0.0.1", port, 1s).error());
}

TEST(Dialer, can_be_called_off) {
    auto const taken = fill_backlog();
    Event enough(loop.context.get_executor());
    auto const either = loop.start(dialer.dial("127.0.0.1", port, 1h) || enough.wait());
    CHECK(!*either);
    enough.raise();
    loop.run_ready();
    CHECK(either->has_value());
    CHECK_EQUAL(1U, (*either)->index());
    CHECK(loop.context.stopped()); // nothing of it is left
}

TEST(Dialer, can_be_called_off_while_it_looks_up_a_name) {
    resolver.answers = false;
    Event enough(loop.context.get_executor());
    auto const either = loop.start(dialer.dial("mail.firm.example", port, 1h) || enough.wait());
    CHECK(!*either);
    enough.raise();
    loop.run_ready();
    CHECK(either->has_value());
    CHECK_EQUAL(1U, (*either)->index());
    CHECK(loop.context.stopped());
}

// A client's end of TLS, over a connection that the dialer made.
TEST_GROUP(KeyDigest){};

TEST(KeyDigest, is_written_as_it_is_read) {
    std::string const digest(32, 'k');
    CHECK(parse_key_digest(write_key_digest(digest)) == digest);
    for (auto const* bad : {"", "sha256:", "sha256:a2tr", "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=", "-----BEGIN"})
        CHECK_FALSE(parse_key_digest(bad).has_value());
}

TEST_GROUP(ClientTls) {
    Loop loop;
    Event stop{loop.context.get_executor()};
    Census census;
    Office office = make_office();
    std::shared_ptr<TlsServer> server;
    std::unique_ptr<Listener> listener;
    FakeResolver resolver{loop};
    SystemDialer dialer{loop.context.get_executor(), resolver};
    std::unique_ptr<Connection> connection;

    void setup() override {
        core::set_log_level(core::Level::error);
        server = *TlsServer::make(office.server);
        Service service{.name = "submission",
                        .serve = [this](Connection& peer) -> asio::awaitable<void> {
                            peer.queue("220 go ahead\r\n250 what a stranger put in\r\n");
                            if (!co_await peer.start_tls(*server)) co_return;
                            peer.queue("220 safe\r\n");
                            while (co_await peer.fill() == Input::data) peer.consume(peer.input().size());
                        },
                        .limits = [] { return ConnectionLimits{100, 100}; },
                        .refusal = {},
                        .implicit_tls = {}};
        listener =
            std::move(*Listener::bind(loop.context.get_executor(), "127.0.0.1", 0, std::move(service), census, stop));
        listener->start();
    }

    void teardown() override {
        connection.reset();
        stop.raise();
        loop.finish(loop.start(listener->drained(10s)));
        listener.reset();
    }

    std::shared_ptr<TlsClient> trusting(std::string authority) {
        return *TlsClient::make({.trusted = std::move(authority), .alpn = {}});
    }

    void dial() {
        auto dialed = loop.finish(loop.start(dialer.dial("127.0.0.1", listener->port(), 30s)));
        connection = std::make_unique<Connection>(std::move(dialed->stream), std::move(dialed->endpoints), stop);
        hear("put in\r\n");
    }
    // Until that was said.
    void hear(std::string_view end) {
        while (!connection->input().ends_with(end)) CHECK(loop.finish(loop.start(connection->fill())) == Input::data);
    }
    std::expected<void, std::string> start_tls(TlsClient const& client, std::string name = "mail.office.lan") {
        return loop.finish(loop.start(connection->start_tls(client, std::move(name))));
    }
    bool is_closed() { return loop.finish(loop.start(connection->fill())) == Input::closed; }

    // SHA-256 of SubjectPublicKeyInfo, by the server's private key.
    std::string server_key_digest() {
        PrivateKey key;
        CHECK(!key.parse(office.server.key.reveal()));
        std::array<unsigned char, 500> der{}; // written from its end
        int const size = mbedtls_pk_write_pubkey_der(&key.get(), der.data(), der.size());
        CHECK(size > 0);
        return core::sha256(
            {reinterpret_cast<char const*>(der.data() + der.size() - size), static_cast<std::size_t>(size)});
    }
};

TEST(ClientTls, trusts_whom_it_is_told_to) {
    auto const client = trusting(office.authority);
    dial();
    CHECK_FALSE(connection->is_tls());
    CHECK(start_tls(*client).has_value());
    CHECK(connection->is_tls());
    STRCMP_CONTAINS("TLSv1.3", connection->tls_description().c_str());
    // RFC 3207 §4.2: what came in plain text is forgotten.
    CHECK_EQUAL(std::string(), std::string(connection->input()));
    hear("220 safe\r\n");
    CHECK_EQUAL(std::string("220 safe\r\n"), std::string(connection->input()));
}

TEST(ClientTls, knows_a_server_by_its_key_whatever_its_certificate_says) {
    for (bool const tls13 : {true, false}) {
        auto const client =
            TlsClient::make({.trusted = {}, .key_digest = server_key_digest(), .alpn = {}, .tls13 = tls13}).value();
        std::uint64_t const before = server->resumptions();
        for (std::uint64_t const resumed : {0U, 1U}) {
            dial();
            CHECK(start_tls(*client, "mail.firm.example").has_value());
            hear("220 safe\r\n"); // and the ticket before it
            CHECK_EQUAL(before + resumed, server->resumptions());
            loop.finish(loop.start(connection->close()));
        }
    }
}

TEST(ClientTls, says_which_key_a_server_has_that_has_another) {
    std::string digest = server_key_digest();
    std::string const written = write_key_digest(digest);
    digest[0] = static_cast<char>(~digest[0]);
    for (bool const tls13 : {true, false}) {
        auto const client = TlsClient::make({.trusted = {}, .key_digest = digest, .alpn = {}, .tls13 = tls13}).value();
        dial();
        auto const done = start_tls(*client);
        CHECK_FALSE(done.has_value());
        STRCMP_CONTAINS(("its key is " + written).c_str(), done.error().c_str());
        CHECK(is_closed());
    }
}

TEST(ClientTls, says_that_the_authority_is_another) {
    core::SeededRandom random(8);
    auto const client = trusting(make_authority("office.lan", random)->certificates);
    dial();
    auto const done = start_tls(*client);
    CHECK_FALSE(done.has_value());
    STRCMP_CONTAINS("certificate is not correctly signed by the trusted CA", done.error().c_str());
    CHECK_FALSE(done.error().contains('\n'));
    STRCMP_CONTAINS(write_key_digest(server_key_digest()).c_str(), done.error().c_str());
    CHECK(is_closed());
    CHECK_FALSE(connection->is_tls());
}

TEST(ClientTls, says_that_the_name_is_another) {
    auto const client = trusting(office.authority);
    dial();
    auto const done = start_tls(*client, "mail.firm.example");
    CHECK_FALSE(done.has_value());
    STRCMP_CONTAINS("does not match with the expected", done.error().c_str());
    CHECK_FALSE(done.error().contains("not correctly signed"));
    CHECK(is_closed());
}

TEST(ClientTls, takes_any_certificate_where_none_is_asked_for) {
    auto const client = trusting("");
    dial();
    CHECK(start_tls(*client, "mail.firm.example").has_value());
}

TEST(ClientTls, says_that_the_other_end_does_not_speak_it) {
    asio::ip::tcp::acceptor acceptor(loop.context, {asio::ip::make_address("127.0.0.1"), 0});
    for (bool const talks : {true, false}) {
        auto dialed = loop.finish(loop.start(dialer.dial("127.0.0.1", acceptor.local_endpoint().port(), 30s)));
        connection = std::make_unique<Connection>(std::move(dialed->stream), std::move(dialed->endpoints), stop);
        tcp::socket peer = acceptor.accept();
        if (talks) asio::write(peer, asio::buffer("220 no TLS here\r\n", 17));
        peer.shutdown(tcp::socket::shutdown_send);
        auto const done = start_tls(*trusting(office.authority));
        CHECK_FALSE(done.has_value());
        CHECK_FALSE(done.error().empty());
        CHECK_FALSE(done.error().contains("certificate"));
        CHECK(is_closed());
    }
}
