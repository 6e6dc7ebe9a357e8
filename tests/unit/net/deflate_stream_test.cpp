#include "core/log.h"
#include "core/random.h"
#include "loop.h"
#include "net/connection.h"
#include "net/deflate_stream.h"
#include "net/memory_stream.h"

#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <array>
#include <memory>

using namespace postern;
using namespace postern::net;

namespace {

asio::awaitable<std::string> read_all(Stream& from, std::size_t room) {
    std::string got, some(room, '\0');
    for (;;) {
        if (co_await from.wait_readable()) break;
        auto const octets = co_await from.read_some(some);
        if (!octets || *octets == 0) break;
        got.append(some, 0, *octets);
    }
    co_return got;
}

} // namespace

TEST_GROUP(DeflateStream) {
    Loop loop;
    Event stop{loop.context.get_executor()};
    MemoryStream* peer = nullptr;
    std::unique_ptr<DeflateStream> stream;

    void setup() override {
        core::set_log_level(core::Level::error);
        begin();
    }
    void begin(std::string received = "") {
        auto lower = std::make_unique<MemoryStream>(loop.context.get_executor());
        peer = lower.get();
        stream = std::make_unique<DeflateStream>(std::move(lower), std::move(received));
    }
    static std::string inflated(std::string_view octets) {
        Inflater inflater;
        std::string out(1'000'000, '\0');
        auto const step = inflater.inflate(octets, out);
        CHECK(step && step->taken == octets.size());
        return out.substr(0, step->made);
    }
    static std::string deflated(std::string_view octets) { return Deflater().deflate(octets); }
    // A megabyte of it is a thousand octets.
    static std::string bomb(std::size_t octets) {
        Deflater deflater;
        return deflater.deflate(std::string(octets, 'x'));
    }
};

TEST(DeflateStream, each_write_arrives_whole) {
    std::string sent;
    for (std::string const& said : {std::string("a1 OK\r\n"), std::string(50'000, 'y'), std::string("a2 OK\r\n")}) {
        CHECK(!**loop.start(stream->write_all(said)));
        sent += peer->take_output();
        CHECK(inflated(sent).ends_with(said));
    }
    CHECK_EQUAL(50'014U, inflated(sent).size());
    CHECK(sent.size() < 500);
}

TEST(DeflateStream, what_was_received_before_is_where_the_stream_begins) {
    Deflater client;
    std::string const early = client.deflate("a1 NOOP\r\n"), late = client.deflate("a2 NOOP\r\n");
    for (std::size_t cut = 0; cut <= early.size(); ++cut) {
        begin(early.substr(0, cut));
        auto const read = loop.start(read_all(*stream, 100));
        peer->feed(early.substr(cut) + late);
        peer->feed_end();
        loop.run_ready();
        CHECK(*read && **read == "a1 NOOP\r\na2 NOOP\r\n");
    }
}

TEST(DeflateStream, reads_however_it_arrives) {
    std::string const text = core::SeededRandom(1).bytes(3000) + std::string(30'000, 'z');
    std::string const compressed = deflated(text);
    for (std::size_t const piece : {1UZ, 3UZ, 100'000UZ})
        for (std::size_t const room : {1UZ, 2UZ, 40'000UZ}) {
            begin();
            peer->set_read_size(piece);
            peer->feed(compressed);
            peer->feed_end();
            CHECK(**loop.start(read_all(*stream, room)) == text);
        }
}

TEST(DeflateStream, there_is_nothing_to_read_until_an_octet_comes_out) {
    std::string const compressed = deflated("NOOP\r\n");
    auto const ready = loop.start(stream->wait_readable());
    // Blocks without content come to nothing.
    peer->feed(std::string("\0\0\0\xff\xff", 5) + std::string("\0\0\0\xff\xff", 5) + compressed.substr(0, 1));
    loop.run_ready();
    CHECK(!*ready);
    peer->feed(compressed.substr(1));
    loop.run_ready();
    CHECK(*ready && !**ready);
    CHECK(!**loop.start(stream->wait_readable()));
    std::array<char, 100> some;
    CHECK_EQUAL(6U, (**loop.start(stream->read_some(some))).value());
}

TEST(DeflateStream, a_cancelled_read_loses_nothing) {
    std::string const compressed = deflated("NOOP\r\n");
    for (char const octet : compressed.substr(0, 4)) {
        auto const ready = loop.start(stream->wait_readable());
        stream->cancel();
        loop.run_ready();
        if (*ready) CHECK(**ready == std::errc::operation_canceled || !**ready);
        peer->feed(std::string_view(&octet, 1));
    }
    peer->feed(compressed.substr(4));
    peer->feed_end();
    CHECK(**loop.start(read_all(*stream, 10)) == "NOOP\r\n");
}

TEST(DeflateStream, what_cannot_be_inflated_fails_after_what_can) {
    peer->feed(deflated("NOOP\r\n") + "\xff\xff\xff");
    std::array<char, 100> some;
    CHECK_EQUAL(6U, (**loop.start(stream->read_some(some))).value());
    CHECK(!(**loop.start(stream->read_some(some))).has_value());
    STRCMP_EQUAL("invalid block type", std::string(stream->fault()).c_str());
    // The other direction goes on.
    CHECK(!**loop.start(stream->write_all("* BYE\r\n")));
    CHECK(inflated(peer->take_output()) == "* BYE\r\n");
}

TEST(DeflateStream, a_bomb_is_inflated_as_it_is_read_and_others_have_their_turn) {
    peer->feed(bomb(5'000'000));
    std::string room(10'000, '\0');
    for (std::size_t got = 0; got < 1'000'000;) {
        CHECK(!**loop.start(stream->wait_readable()));
        auto const octets = **loop.start(stream->read_some(room));
        CHECK(octets && *octets <= room.size());
        got += *octets;
        CHECK(stream->held_octets() <= DeflateStream::most_octets);
        // Whoever came earlier is first.
        bool turn = false;
        asio::post(loop.context, [&] { turn = true; });
        bool was_first = false;
        asio::co_spawn(loop.context, stream->wait_readable(),
                       [&](std::exception_ptr, std::error_code) { was_first = !turn; });
        loop.run_ready();
        CHECK(turn && !was_first);
    }
}

TEST(DeflateStream, a_connection_compresses_from_the_agreement_on) {
    auto lower = std::make_unique<MemoryStream>(loop.context.get_executor());
    peer = lower.get();
    MemoryBudget budget(1'000'000);
    Connection connection(std::move(lower), {"192.0.2.1", 1, "192.0.2.2", 143}, stop, {budget, "192.0.2.1"});
    Deflater client;
    peer->feed("a1 COMPRESS DEFLATE\r\n" + client.deflate("a2 NOOP\r\n"));
    CHECK(*loop.start(connection.fill()) == Input::data);
    connection.consume(21);
    connection.queue("* 1 EXISTS\r\n");
    CHECK(!connection.is_compressed());
    CHECK(**loop.start(connection.start_compression("a1 OK\r\n")));
    CHECK(connection.is_compressed());
    CHECK_EQUAL(std::string("* 1 EXISTS\r\na1 OK\r\n"), peer->take_output());
    CHECK_EQUAL(0U, connection.input().size());

    connection.queue("a2 OK\r\n");
    CHECK(*loop.start(connection.fill()) == Input::data);
    CHECK_EQUAL(std::string("a2 NOOP\r\n"), std::string(connection.input()));
    CHECK(inflated(peer->take_output()) == "a2 OK\r\n");

    // An idle one holds little more than what was said, and says so.
    connection.consume(100);
    auto const filled = loop.start(connection.fill());
    peer->feed(client.deflate("a3 NOOP\r\n"));
    loop.run_ready();
    CHECK(**filled == Input::data);
    CHECK(budget.held() < Connection::idle_octets + DeflateStream::most_octets + 1000);
    connection.consume(100);
    auto const idle = loop.start(connection.fill());
    CHECK(budget.held() < Connection::idle_octets + 21'000);
    peer->feed_end();
    loop.run_ready();
    CHECK(**idle == Input::closed);
}

TEST(DeflateStream, a_connection_does_not_compress_without_memory_for_it) {
    auto lower = std::make_unique<MemoryStream>(loop.context.get_executor());
    peer = lower.get();
    MemoryBudget budget(60'000);
    MemoryShare share(budget, "192.0.2.1");
    CHECK(share.resize(Connection::idle_octets));
    Connection connection(std::move(lower), {"192.0.2.1", 1, "192.0.2.2", 143}, stop, std::move(share));
    CHECK(!**loop.start(connection.start_compression("a1 OK\r\n")));
    CHECK(!connection.is_compressed());
    CHECK_EQUAL(std::string(), peer->take_output());
    CHECK_EQUAL(Connection::idle_octets, budget.held());
}
