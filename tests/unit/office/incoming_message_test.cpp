#include "core/log.h"
#include "office/incoming_message.h"
#include "store/check.h"
#include "store/delivery.h"
#include "support/office_fixture.h"

#include <boost/asio/co_spawn.hpp>

#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <chrono>
#include <exception>

using namespace postern;
using namespace postern::test;
using office::IncomingMessage;
namespace asio = boost::asio;

namespace {

constexpr std::uint64_t no_limit = ~std::uint64_t{0};

void rethrow(std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
}

struct Taken {
    std::string body;
    std::uint64_t size = 0;
    std::string packed_structure, packed_envelope;
    [[nodiscard]] message::StructureView structure() const {
        return message::decode_structure(packed_structure).value();
    }
    [[nodiscard]] message::EnvelopeView envelope() const { return message::decode_envelope(packed_envelope).value(); }
    unsigned received = 0;
    std::string header; // as the prefix saw it
    bool spooled = false;
};

asio::awaitable<void> take(OfficeFixture& fixture, std::string_view octets, std::size_t step, std::string prefix,
                           Taken& taken, bool& done) {
    net::MemoryShare memory(fixture.memory, "192.168.1.20");
    IncomingMessage incoming(fixture.office, no_limit, std::move(memory), [&](message::HeaderSection const& header) {
        for (auto const& field : header) taken.header += field.whole;
        return prefix;
    });
    for (; !octets.empty(); octets.remove_prefix(std::min(step, octets.size())))
        co_await incoming.append(std::string(octets.substr(0, step)));
    auto const message = (co_await incoming.finish(fixture.clock.wall())).value();
    taken.size = message.size;
    taken.packed_structure = message.structure;
    taken.packed_envelope = message.envelope;
    taken.received = incoming.received_count();
    taken.spooled = std::holds_alternative<store::BodyId>(message.body);
    auto const id = fixture.store().write_here([&](store::WriteTransaction& transaction) {
        store::Delivery delivery{};
        delivery.local = {fixture.alice};
        return store::deliver(transaction, message, delivery, {}, fixture.clock.wall());
    });
    taken.body = fixture.store()
                     .read_here([&](store::ReadTransaction const& transaction) {
                         return store::read_body(transaction, store::get_message(transaction, id.value()).value().body,
                                                 0, no_limit);
                     })
                     .value();
    done = true;
}

Taken take(OfficeFixture& fixture, std::string_view octets, std::size_t step, std::string prefix = "X: y\r\n") {
    Taken taken;
    bool done = false;
    fixture.io.restart(); // it stops whenever it has nothing left to do
    asio::co_spawn(fixture.io, take(fixture, octets, step, std::move(prefix), taken, done), rethrow);
    while (!done) CHECK(fixture.io.run_one_for(std::chrono::seconds{60}) > 0);
    return taken;
}

} // namespace

TEST_GROUP(IncomingMessage) { OfficeFixture fixture; };

TEST(IncomingMessage, the_envelope_is_kept_once) {
    auto const taken = take(fixture, "Subject: only here\r\n\r\nbody\r\n", 1000);
    CHECK(taken.envelope().subject == "only here");
    CHECK(taken.structure().envelope == message::EnvelopeView{});
}

TEST(IncomingMessage, the_prefix_stands_in_front_and_counts_in_the_structure) {
    std::string const message = "Subject: hello\r\nTo: alice@office.lan\r\n\r\nbody\r\n";
    for (std::size_t step : {1UZ, 5UZ, 1000UZ}) {
        auto const taken = take(fixture, message, step);
        STRCMP_EQUAL(("X: y\r\n" + message).c_str(), taken.body.c_str());
        LONGS_EQUAL(taken.body.size(), taken.size);
        LONGS_EQUAL(taken.body.size(), taken.structure().size);
        LONGS_EQUAL(taken.body.find("body"), taken.structure().root.body_begin);
        CHECK(taken.envelope().subject == "hello");
        STRCMP_EQUAL("Subject: hello\r\nTo: alice@office.lan\r\n", taken.header.c_str());
        CHECK_FALSE(taken.spooled);
    }
}

TEST(IncomingMessage, without_a_prefix_not_an_octet_is_added) {
    for (std::string message : {"", "\r\n", "text\r\n", "A: b", "A: b\r\n", "\r\nbody", "A: b\r\n\r\nbody"})
        STRCMP_EQUAL(message.c_str(), take(fixture, message, 2, "").body.c_str());
}

TEST(IncomingMessage, a_message_without_header_section_has_one_after_the_prefix) {
    STRCMP_EQUAL("X: y\r\n\r\n", take(fixture, "", 1).body.c_str());
    STRCMP_EQUAL("X: y\r\n\r\nbody\r\n", take(fixture, "\r\nbody\r\n", 1).body.c_str());
    STRCMP_EQUAL("X: y\r\n\r\ntext\r\n", take(fixture, "text\r\n", 1).body.c_str());
    STRCMP_EQUAL("X: y\r\n\r\ntext\r\n\r\nmore\r\n", take(fixture, "text\r\n\r\nmore\r\n", 1).body.c_str());
    STRCMP_EQUAL("X: y\r\nA: b\r\n", take(fixture, "A: b\r\n", 1).body.c_str());
}

TEST(IncomingMessage, received_fields_are_counted) {
    LONGS_EQUAL(2,
                take(fixture, "Received: a\r\nreceived: b\r\nSubject: Received: c\r\n\r\nReceived: d\r\n", 3).received);
    LONGS_EQUAL(0, take(fixture, "", 3).received);
}

TEST(IncomingMessage, a_large_message_goes_to_the_store_as_it_arrives) {
    std::string message = "Subject: large\r\n\r\n";
    for (int i = 0; message.size() < 3 * IncomingMessage::memory_limit; ++i)
        message += "line " + std::to_string(i) + "\r\n";
    for (std::size_t step : {1000UZ, 16384UZ, message.size()}) {
        auto const taken = take(fixture, message, step);
        CHECK(taken.spooled);
        CHECK(taken.body == "X: y\r\n" + message);
        LONGS_EQUAL(taken.body.size(), taken.size);
        LONGS_EQUAL(taken.body.size(), taken.structure().size);
    }
    CHECK(store::check(fixture.store(), true).value().problems.empty());
}

TEST(IncomingMessage, where_memory_is_short_the_store_takes_it_earlier) {
    std::string message = "Subject: not large\r\n\r\n";
    while (message.size() < IncomingMessage::memory_limit - 1000) message += "The same line again and again.\r\n";
    CHECK_FALSE(take(fixture, message, 1000).spooled);
    fixture.memory.set_ceiling(2 * IncomingMessage::least_memory);
    auto const taken = take(fixture, message, 1000);
    CHECK(taken.spooled);
    CHECK(taken.body == "X: y\r\n" + message);
    LONGS_EQUAL(0, fixture.memory.held());
}

TEST(IncomingMessage, what_is_made_to_take_memory_is_refused) {
    std::string bomb = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    for (int i = 0; i < 900; ++i) bomb += "--b\r\nContent-Type: text/plain; a=b; c=d; e=f; g=h; i=j; k=l\r\n\r\nx\r\n";
    std::string long_header = "Subject: x\r\n";
    while (long_header.size() < IncomingMessage::header_limit - 5000) long_header += "X: y\r\n";
    for (std::string const& message : {bomb, long_header + "\r\n"}) {
        bool done = false;
        auto const drive = [](OfficeFixture& office, std::string_view octets, bool& finished) -> asio::awaitable<void> {
            for (bool const enough : {true, false}) {
                office.memory.set_ceiling(enough ? 20'000'000 : 2 * IncomingMessage::least_memory);
                IncomingMessage incoming(office.office, no_limit, {office.memory, "192.168.1.20"}, {});
                CHECK_FALSE(incoming.out_of_memory());
                for (auto rest = octets; !rest.empty(); rest.remove_prefix(std::min(rest.size(), 5000UZ)))
                    co_await incoming.append(std::string(rest.substr(0, 5000)));
                CHECK(enough != incoming.out_of_memory());
            }
            LONGS_EQUAL(0, office.memory.held());
            finished = true;
        };
        asio::co_spawn(fixture.io, drive(fixture, message, done), rethrow);
        while (!done) CHECK(fixture.io.run_one_for(std::chrono::seconds{60}) > 0);
    }
    CHECK(store::check(fixture.store(), true).value().problems.empty());
}

TEST(IncomingMessage, a_header_without_end_is_not_waited_for) {
    std::string message;
    while (message.size() < 2 * IncomingMessage::memory_limit) message += "Field: value\r\n";
    auto const taken = take(fixture, message, 5000);
    CHECK(taken.spooled);
    CHECK(taken.body == "X: y\r\n" + message);
    CHECK(taken.header.size() < IncomingMessage::header_limit + 5000);
}

TEST(IncomingMessage, beyond_the_limit_octets_are_counted_and_dropped) {
    bool done = false;
    auto const drive = [](OfficeFixture& office, bool& finished) -> asio::awaitable<void> {
        IncomingMessage incoming(office.office, 1000, {}, {});
        co_await incoming.append(std::string(1000, 'x'));
        CHECK_FALSE(incoming.too_large());
        co_await incoming.append("x");
        CHECK(incoming.too_large());
        for (int i = 0; i < 100; ++i) co_await incoming.append(std::string(100000, 'x'));
        LONGS_EQUAL(10001001, incoming.size());
        finished = true;
    };
    asio::co_spawn(fixture.io, drive(fixture, done), rethrow);
    while (!done) CHECK(fixture.io.run_one_for(std::chrono::seconds{60}) > 0);
}

TEST(IncomingMessage, what_was_spooled_and_not_taken_is_erased) {
    bool done = false;
    auto const drive = [](OfficeFixture& office, bool& finished) -> asio::awaitable<void> {
        {
            IncomingMessage incoming(office.office, no_limit, {}, {});
            for (int i = 0; i < 100; ++i) co_await incoming.append(std::string(10000, 'x'));
        }
        finished = true;
    };
    asio::co_spawn(fixture.io, drive(fixture, done), rethrow);
    while (!done) CHECK(fixture.io.run_one_for(std::chrono::seconds{60}) > 0);
    CHECK(store::check(fixture.store(), true).value().problems.empty());
}
