#include "core/log.h"
#include "held_octets.h"
#include "loop.h"
#include "net/connection.h"
#include "net/memory_stream.h"
#include "net/tls.h"
#include "net/tls_stream.h"
#include "office.h"

#include <CppUTest/TestHarness.h>
#include <mbedtls/ssl.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

using namespace postern;
using namespace postern::net;

namespace {

using Read = std::expected<std::size_t, std::error_code>;

} // namespace

TEST_GROUP(Tls) {
    Loop loop;
    Event stop{loop.context.get_executor()};
    Office office;
    std::shared_ptr<TlsServer> server;
    std::shared_ptr<TlsClient> client;
    std::size_t portion = 100'000; // octets that cross the wire at a time

    // A client's and a server's stream, and the wire between them.
    MemoryStream* client_wire = nullptr;
    MemoryStream* server_wire = nullptr;
    std::unique_ptr<TlsStream> client_end;
    std::unique_ptr<TlsStream> server_end;
    std::size_t to_server = 0;
    std::size_t to_client = 0;

    void setup() override {
        core::set_log_level(core::Level::error);
        CHECK(mbedtls_ready());
        office = make_office();
        server = *TlsServer::make(office.server);
        trust(true);
    }

    void trust(bool tls13) {
        TlsClient::Options options;
        options.trusted = office.authority;
        options.tls13 = tls13;
        client = *TlsClient::make(std::move(options));
    }

    void connect(std::string name = "mail.office.lan") {
        auto left = std::make_unique<MemoryStream>(loop.context.get_executor());
        auto right = std::make_unique<MemoryStream>(loop.context.get_executor());
        client_wire = left.get();
        server_wire = right.get();
        client_end = client->wrap(std::move(left), std::move(name));
        server_end = server->wrap(std::move(right));
    }

    bool carry(MemoryStream & from, MemoryStream & to, std::size_t& carried) {
        std::string const octets = from.take_output();
        carried += octets.size();
        for (std::size_t at = 0; at < octets.size(); at += portion) {
            to.feed(octets.substr(at, portion));
            loop.run_ready();
        }
        return !octets.empty();
    }

    // Until both wait for each other.
    void carry_all() {
        loop.run_ready();
        bool is_quiet = false;
        while (!is_quiet) {
            is_quiet = !carry(*client_wire, *server_wire, to_server);
            is_quiet = !carry(*server_wire, *client_wire, to_client) && is_quiet;
            loop.run_ready();
        }
    }

    // Both sides' results.
    std::pair<std::error_code, std::error_code> shake_hands() {
        auto const left = loop.start(client_end->handshake());
        auto const right = loop.start(server_end->handshake());
        carry_all();
        CHECK(*left && *right);
        return {**left, **right};
    }

    void establish() {
        connect();
        auto const [left, right] = shake_hands();
        CHECK_TEXT(!left, left.message().c_str());
        CHECK_TEXT(!right, right.message().c_str());
    }

    static asio::awaitable<std::string> read_all(TlsStream & from, std::size_t wanted) {
        std::string got;
        std::array<char, 5000> some;
        while (got.size() < wanted) {
            Read const octets = co_await from.read_some(some);
            if (!octets || *octets == 0) break;
            got.append(some.data(), *octets);
        }
        co_return got;
    }

    static std::string noise(std::size_t octets) { return core::SeededRandom(octets).bytes(octets); }

    void both_ways(std::size_t octets) {
        std::string const question = noise(octets);
        std::string const answer = noise(octets + 1);
        auto const read_question = loop.start(read_all(*server_end, question.size()));
        auto const read_answer = loop.start(read_all(*client_end, answer.size()));
        auto const wrote_question = loop.start(client_end->write_all(question));
        auto const wrote_answer = loop.start(server_end->write_all(answer));
        carry_all();
        CHECK(wrote_question->has_value());
        CHECK_TEXT(!**wrote_question, (*wrote_question)->message().c_str());
        CHECK(*wrote_answer && !**wrote_answer);
        CHECK(*read_question && **read_question == question);
        CHECK(*read_answer && **read_answer == answer);
    }
};

TEST(Tls, speaks_version_1_3) {
    establish();
    STRCMP_CONTAINS("TLSv1.3", client_end->tls_description().c_str());
    STRCMP_CONTAINS("TLSv1.3", server_end->tls_description().c_str());
    both_ways(1000);
}

TEST(Tls, speaks_version_1_2) {
    trust(false);
    establish();
    STRCMP_CONTAINS("TLSv1.2 TLS-ECDHE-ECDSA-WITH-AES-128-GCM", server_end->tls_description().c_str());
    both_ways(1000);
}

TEST(Tls, binds_both_ends_to_the_connection) {
    std::vector<std::string> exported;
    for (bool const newest : {true, true, false}) {
        trust(newest);
        establish();
        auto const ours = server_end->channel_bindings(), theirs = client_end->channel_bindings();
        CHECK_EQUAL(newest ? 2U : 1U, ours.size());
        CHECK(std::ranges::equal(ours, theirs, [](ChannelBinding const& left, ChannelBinding const& right) {
            return left.type == right.type && left.octets == right.octets && left.octets.size() == 32;
        }));
        CHECK(ours.back().type == "tls-server-end-point");
        if (newest) exported.push_back(ours.front().octets);
    }
    CHECK(exported[0] != exported[1]); // another connection
}

TEST(Tls, carries_much_both_ways_at_once) {
    establish();
    both_ways(1'000'000);
}

// So that its output buffer can be as small.
TEST(Tls, a_server_sends_no_record_of_more_than_4_kib) {
    establish();
    loop.start(server_end->write_all(noise(100'000)));
    std::string const sent = server_wire->take_output();
    std::size_t records = 0;
    for (std::size_t at = 0; at < sent.size(); ++records) {
        std::size_t const size =
            static_cast<unsigned char>(sent[at + 3]) << 8U | static_cast<unsigned char>(sent[at + 4]);
        CHECK(size <= 4096 + 1 + 16); // RFC 8446 §5.2: the content, its type, the tag
        at += 5 + size;
    }
    CHECK(records >= 25);
}

TEST(Tls, shows_a_chain_longer_than_a_record) {
    std::string chain = office.server.certificates;
    while (chain.size() < 16'000) chain += office.server.certificates; // PEM: 12 KB on the wire
    server = *TlsServer::make({chain, office.server.key.clone()});
    for (bool const tls13 : {true, false}) {
        trust(tls13);
        establish();
        both_ways(10'000);
    }
}

TEST(Tls, an_idle_connection_holds_no_input_buffer) {
    for (bool const tls13 : {true, false}) {
        trust(tls13);
        establish();
        both_ways(100);
        auto const waits = loop.start(server_end->wait_readable());
        CHECK(!*waits);
        server_end->cancel();
        loop.run_ready();
        std::size_t const with = test::held_octets();
        server_end.reset();
        std::size_t const without = test::held_octets();
        CHECK(with - without < 12 * 1024UL);
    }
}

TEST(Tls, carries_octet_by_octet) {
    for (bool const tls13 : {true, false}) {
        portion = 1;
        trust(tls13);
        establish();
        both_ways(20'000);
    }
}

TEST(Tls, carries_much_past_a_slow_reader) {
    establish();
    server_wire->set_output_capacity(1000);
    both_ways(100'000);
}

TEST(Tls, resumes_with_a_ticket) {
    for (bool const tls13 : {true, false}) {
        std::uint64_t const before = server->resumptions();
        trust(tls13);
        establish();
        both_ways(10); // with 1.3 the ticket comes with the first octets
        CHECK_EQUAL(before, server->resumptions());
        to_client = 0;
        establish();
        CHECK_EQUAL(before + 1, server->resumptions());
        CHECK_TEXT(to_client < office.server.certificates.size() / 2, "the certificate was not sent again");
        both_ways(1000);
    }
}

TEST(Tls, takes_no_ticket_of_another_server) {
    establish();
    both_ways(10);
    server = *TlsServer::make(office.server);
    establish();
    CHECK_EQUAL(0U, server->resumptions());
}

TEST(Tls, client_refuses_a_server_with_another_name) {
    connect("mail.firm.example");
    auto const [left, right] = shake_hands();
    CHECK(left != std::error_code{});
    CHECK(right != std::error_code{});
    CHECK_EQUAL(std::string(), server_end->tls_description());
}

TEST(Tls, client_refuses_a_server_of_an_unknown_authority) {
    core::SeededRandom random(8);
    TlsClient::Options options;
    options.trusted = make_authority("office.lan", random)->certificates;
    client = *TlsClient::make(std::move(options));
    connect();
    auto const [left, right] = shake_hands();
    CHECK(left != std::error_code{});
    CHECK(right != std::error_code{});
    CHECK(!client_end->why_untrusted().empty());
    STRCMP_EQUAL("", server_end->why_untrusted().c_str()); // it saw no certificate
}

TEST(Tls, client_looks_at_the_date_unless_it_is_told_not_to) {
    office = make_office(today() + std::chrono::years(5));
    server = *TlsServer::make(office.server);
    for (bool const any_time : {false, true}) {
        TlsClient::Options options;
        options.trusted = office.authority;
        options.any_time = any_time;
        client = *TlsClient::make(options);
        connect();
        CHECK(any_time == !shake_hands().first);
        connect("mail.firm.example"); // another name is another name at any time
        CHECK(!!shake_hands().first);
    }
}

TEST(Tls, client_that_trusts_nobody_in_particular_takes_any_server) {
    client = *TlsClient::make({});
    connect("");
    CHECK(!shake_hands().first);
}

TEST(Tls, agrees_on_an_application_protocol_or_refuses) {
    TlsServer::Options imap;
    imap.alpn = {"imap"};
    server = *TlsServer::make(office.server, imap);
    for (char const* offered : {"imap", "pop3"}) {
        TlsClient::Options options;
        options.alpn = {offered};
        client = *TlsClient::make(std::move(options));
        connect();
        CHECK_EQUAL(offered == std::string("imap"), !shake_hands().second);
    }
}

TEST(Tls, ends_in_an_orderly_way) {
    establish();
    auto const read = loop.start(read_all(*client_end, 100));
    auto const wrote = loop.start(server_end->write_all("221 bye\r\n"));
    loop.start(server_end->close());
    carry_all();
    CHECK(**read == "221 bye\r\n");
    std::array<char, 10> some;
    CHECK(**loop.start(client_end->read_some(some)) == 0U);
    CHECK(!**loop.start(client_end->wait_readable()));
}

TEST(Tls, tells_a_cut_from_an_end) {
    establish();
    std::array<char, 10> some;
    auto const read = loop.start(client_end->read_some(some));
    client_wire->feed_end();
    loop.run_ready();
    CHECK(!(*read)->has_value());
    CHECK(!(**loop.start(client_end->read_some(some))).has_value());
}

TEST(Tls, ends_when_a_record_was_changed) {
    establish();
    loop.start(client_end->write_all("MAIL FROM:<alice@office.lan>\r\n"));
    std::string record = client_wire->take_output();
    record.back() = static_cast<char>(record.back() ^ 1);
    server_wire->feed(record);
    std::array<char, 10> some;
    CHECK(!(**loop.start(server_end->read_some(some))).has_value());
    CHECK(**loop.start(server_end->write_all("250 ok\r\n")) != std::error_code{});
}

TEST(Tls, waits_until_there_is_something_to_read) {
    establish();
    auto const ready = loop.start(server_end->wait_readable());
    carry_all();
    CHECK(!*ready);
    loop.start(client_end->write_all("NOOP\r\n"));
    std::string const record = client_wire->take_output();
    server_wire->feed(record.substr(0, record.size() - 1));
    loop.run_ready();
    CHECK_TEXT(!*ready, "half a record is nothing to read");
    server_wire->feed(record.substr(record.size() - 1));
    loop.run_ready();
    CHECK(*ready && !**ready);
    CHECK_EQUAL(std::string("NOOP\r\n"), **loop.start(read_all(*server_end, 6)));
}

TEST(Tls, a_cancelled_read_loses_nothing) {
    establish();
    loop.start(client_end->write_all("NOOP\r\n"));
    std::string const record = client_wire->take_output();
    for (char const octet : record) {
        auto const ready = loop.start(server_end->wait_readable());
        CHECK(!*ready);
        server_end->cancel();
        loop.run_ready();
        CHECK(**ready == std::errc::operation_canceled);
        server_wire->feed(std::string_view(&octet, 1));
    }
    CHECK_EQUAL(std::string("NOOP\r\n"), **loop.start(read_all(*server_end, 6)));
}

TEST(Tls, refuses_garbage_instead_of_a_handshake) {
    for (std::string const& garbage : {std::string("EHLO client\r\n"), std::string(1000, '\0'), noise(1000)}) {
        connect();
        auto const shaken = loop.start(server_end->handshake());
        server_wire->feed(garbage);
        server_wire->feed_end();
        loop.run_ready();
        CHECK(*shaken && **shaken);
    }
}

TEST(Tls, refuses_a_handshake_cut_anywhere) {
    connect();
    auto const hello = loop.start(client_end->handshake());
    std::string const octets = client_wire->take_output();
    for (std::size_t cut = 0; cut < octets.size(); cut += 7) {
        auto wire = std::make_unique<MemoryStream>(loop.context.get_executor());
        wire->feed(octets.substr(0, cut));
        wire->feed_end();
        auto const end = server->wrap(std::move(wire));
        auto const shaken = loop.start(end->handshake());
        CHECK(*shaken && **shaken);
    }
    client_end->cancel();
    loop.run_ready();
    CHECK(**hello == std::errc::operation_canceled);
}

TEST(Tls, refuses_a_handshake_without_end) {
    connect();
    auto const shaken = loop.start(server_end->handshake());
    // Records of a handshake message that claims sixteen megabytes.
    std::string const record =
        std::string("\x16\x03\x01\x40\x00", 5) + std::string("\x01\xff\xff\xff", 4) + std::string(16384 - 4, 'x');
    std::size_t fed = 0;
    while (!*shaken && fed < 4 * TlsStream::handshake_limit) {
        server_wire->feed(record);
        fed += record.size();
        loop.run_ready();
    }
    CHECK(*shaken && **shaken);
}

TEST(Tls, starts_within_a_connection_and_drops_plain_text_sent_ahead) {
    auto right = std::make_unique<MemoryStream>(loop.context.get_executor());
    auto left = std::make_unique<MemoryStream>(loop.context.get_executor());
    server_wire = right.get();
    client_wire = left.get();
    Connection connection(std::move(right), {}, stop);
    CHECK(!connection.is_tls());
    server_wire->feed("STARTTLS\r\nMAIL FROM:<mallory@office.lan>\r\n");
    CHECK(*loop.start(connection.fill()) == Input::data);
    connection.consume(10);
    connection.queue("220 go\r\n");
    auto const started = loop.start(connection.start_tls(*server));
    CHECK_EQUAL(std::string("220 go\r\n"), server_wire->take_output());
    CHECK_EQUAL(0U, connection.input().size());

    client_end = client->wrap(std::move(left), "mail.office.lan");
    loop.start(client_end->handshake());
    carry_all();
    CHECK(**started && connection.is_tls());
    STRCMP_CONTAINS("TLSv1.3", connection.tls_description().c_str());

    auto const filled = loop.start(connection.fill());
    loop.start(client_end->write_all("EHLO client\r\n"));
    carry_all();
    CHECK(*filled == Input::data);
    CHECK_EQUAL(std::string("EHLO client\r\n"), std::string(connection.input()));
    loop.start(connection.close());
    carry_all();
    std::array<char, 10> some;
    CHECK(**loop.start(client_end->read_some(some)) == 0U);
}

TEST(Tls, a_connection_whose_handshake_fails_is_closed) {
    auto right = std::make_unique<MemoryStream>(loop.context.get_executor());
    server_wire = right.get();
    Connection connection(std::move(right), {}, stop);
    auto const started = loop.start(connection.start_tls(*server));
    server_wire->feed("EHLO client\r\n");
    loop.run_ready();
    CHECK(*started == false);
    CHECK(!connection.is_tls());
    CHECK(*loop.start(connection.fill()) == Input::closed);
}

TEST(Tls, shutdown_ends_a_handshake) {
    auto right = std::make_unique<MemoryStream>(loop.context.get_executor());
    Connection connection(std::move(right), {}, stop);
    auto const started = loop.start(connection.start_tls(*server));
    CHECK(!*started);
    stop.raise();
    loop.run_ready();
    CHECK(*started == false);
}

// Work for another thread, which the test runs when it likes.
struct Elsewhere {
    std::vector<std::move_only_function<void()>> waiting;

    TlsServer::Options options() {
        TlsServer::Options options;
        options.elsewhere = [this](std::move_only_function<void()> work) { waiting.push_back(std::move(work)); };
        return options;
    }
    // Each on a thread of its own.
    void run() {
        std::vector<std::jthread> threads;
        for (auto& work : std::exchange(waiting, {})) threads.emplace_back(std::move(work));
    }
};

TEST(Tls, computes_a_handshake_elsewhere) {
    Elsewhere elsewhere;
    server = *TlsServer::make(office.server, elsewhere.options());
    for (bool const tls13 : {true, false}) {
        trust(tls13);
        connect();
        auto const left = loop.start(client_end->handshake());
        auto const right = loop.start(server_end->handshake());
        carry_all();
        CHECK_EQUAL(1U, elsewhere.waiting.size());
        CHECK(server_wire->take_output().empty());
        while (!elsewhere.waiting.empty()) {
            elsewhere.run();
            carry_all();
        }
        CHECK(*left && !**left);
        CHECK(*right && !**right);
        both_ways(1000);
        CHECK(elsewhere.waiting.empty());
    }
}

TEST(Tls, computes_handshakes_on_several_threads_at_once) {
    Elsewhere elsewhere;
    server = *TlsServer::make(office.server, elsewhere.options());
    struct Peer {
        MemoryStream* client_wire;
        MemoryStream* server_wire;
        std::unique_ptr<TlsStream> client_end;
        std::unique_ptr<TlsStream> server_end;
        Loop::Outcome<std::error_code> shaken;
    };
    for (int round = 0; round < 2; ++round) { // the second time with tickets
        std::vector<Peer> peers;
        for (int i = 0; i < 4; ++i) {
            connect();
            peers.push_back({client_wire, server_wire, std::move(client_end), std::move(server_end), nullptr});
            loop.start(peers.back().client_end->handshake());
            peers.back().shaken = loop.start(peers.back().server_end->handshake());
        }
        bool is_quiet = false;
        while (!is_quiet) {
            is_quiet = true;
            for (Peer& peer : peers) {
                is_quiet = !carry(*peer.client_wire, *peer.server_wire, to_server) && is_quiet;
                is_quiet = !carry(*peer.server_wire, *peer.client_wire, to_client) && is_quiet;
            }
            if (!elsewhere.waiting.empty()) is_quiet = false;
            elsewhere.run();
            loop.run_ready();
        }
        for (Peer const& peer : peers) CHECK(*peer.shaken && !**peer.shaken);
        std::array<char, 1> none;
        for (Peer& peer : peers) { // the ticket
            auto const read = loop.start(peer.client_end->read_some(none));
            peer.client_end->cancel();
            loop.run_ready();
        }
    }
    CHECK_EQUAL(4U, server->resumptions());
}

TEST(Tls, computes_what_is_too_much_for_elsewhere_itself) {
    Elsewhere elsewhere;
    server = *TlsServer::make(office.server, elsewhere.options());
    std::vector<std::unique_ptr<TlsStream>> ends;
    std::vector<Loop::Outcome<std::error_code>> shaken;
    for (unsigned i = 0; i < TlsServer::most_elsewhere + 1; ++i) {
        CHECK_EQUAL(i, elsewhere.waiting.size());
        connect();
        loop.start(client_end->handshake());
        shaken.push_back(loop.start(server_end->handshake()));
        server_wire->feed(client_wire->take_output());
        loop.run_ready();
        ends.push_back(std::move(client_end));
        ends.push_back(std::move(server_end));
    }
    CHECK_EQUAL(TlsServer::most_elsewhere, elsewhere.waiting.size());
    CHECK(!server_wire->take_output().empty());
    elsewhere.run();
    loop.run_ready();
}

TEST(Tls, a_handshake_may_be_cancelled_while_it_is_computed_elsewhere) {
    Elsewhere elsewhere;
    server = *TlsServer::make(office.server, elsewhere.options());
    connect();
    loop.start(client_end->handshake());
    auto const shaken = loop.start(server_end->handshake());
    server_wire->feed(client_wire->take_output());
    loop.run_ready();
    server_end->cancel();
    loop.run_ready();
    CHECK(!*shaken);
    elsewhere.run();
    loop.run_ready();
    CHECK(*shaken && **shaken == std::errc::operation_canceled);
}

TEST(Tls, a_stream_may_go_while_its_handshake_is_computed_elsewhere) {
    Elsewhere elsewhere;
    server = *TlsServer::make(office.server, elsewhere.options());
    {
        Loop server_loop; // ends with the handshake under way, as when the daemon stops
        auto wire = std::make_unique<MemoryStream>(server_loop.context.get_executor());
        auto left = std::make_unique<MemoryStream>(loop.context.get_executor());
        client_wire = left.get();
        client_end = client->wrap(std::move(left), "mail.office.lan");
        loop.start(client_end->handshake());
        wire->feed(client_wire->take_output());
        server_loop.start([](std::unique_ptr<TlsStream> stream) -> asio::awaitable<std::error_code> {
            co_return co_await stream->handshake();
        }(server->wrap(std::move(wire))));
        CHECK_EQUAL(1U, elsewhere.waiting.size());
        server.reset();
    }
    elsewhere.run();
}

TEST(Tls, server_needs_a_certificate_with_its_key) {
    TlsIdentity wrong{office.server.certificates, core::Secret(std::string("no key"))};
    CHECK(!TlsServer::make(wrong));
    CHECK(!TlsServer::make({office.authority, office.server.key.clone()}));
    CHECK(!TlsServer::make({}));
}

// A client of our own making that asks for a new handshake in the middle (RFC 5746 §1: the way into many attacks).
TEST(Tls, refuses_to_renegotiate) {
    struct Wire {
        std::string in;
        std::string out;
    } wire;
    mbedtls_ssl_config config;
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config_init(&config);
    mbedtls_ssl_init(&ssl);
    mbedtls_ssl_config_defaults(&config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                MBEDTLS_SSL_PRESET_DEFAULT);
    mbedtls_ssl_conf_rng(&config, random_octets, nullptr);
    mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_NONE);
    mbedtls_ssl_conf_max_tls_version(&config, MBEDTLS_SSL_VERSION_TLS1_2);
    mbedtls_ssl_conf_renegotiation(&config, MBEDTLS_SSL_RENEGOTIATION_ENABLED);
    mbedtls_ssl_setup(&ssl, &config);
    mbedtls_ssl_set_bio(
        &ssl, &wire,
        [](void* to, unsigned char const* octets, std::size_t size) {
            static_cast<Wire*>(to)->out.append(octets, octets + size);
            return static_cast<int>(size);
        },
        [](void* from, unsigned char* into, std::size_t size) -> int {
            std::string& in = static_cast<Wire*>(from)->in;
            if (in.empty()) return MBEDTLS_ERR_SSL_WANT_READ;
            std::size_t const octets = std::min(size, in.size());
            std::copy_n(in.begin(), octets, into);
            in.erase(0, octets);
            return static_cast<int>(octets);
        },
        nullptr);
    connect();
    auto const shaken = loop.start(server_end->handshake());
    auto const exchange = [&] {
        server_wire->feed(std::exchange(wire.out, {}));
        loop.run_ready();
        wire.in += server_wire->take_output();
    };
    while (mbedtls_ssl_handshake(&ssl) == MBEDTLS_ERR_SSL_WANT_READ) exchange();
    exchange();
    CHECK(*shaken && !**shaken);

    std::array<char, 100> some;
    auto const read = loop.start(server_end->read_some(some));
    int result = MBEDTLS_ERR_SSL_WANT_READ;
    for (int i = 0; i < 10 && result == MBEDTLS_ERR_SSL_WANT_READ; ++i) {
        result = mbedtls_ssl_renegotiate(&ssl);
        exchange();
    }
    CHECK_TEXT(result != 0 && result != MBEDTLS_ERR_SSL_WANT_READ, "refused");
    mbedtls_ssl_free(&ssl);
    mbedtls_ssl_config_free(&config);
}
