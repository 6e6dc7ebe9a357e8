#include "core/random.h"
#include "loop.h"
#include "name_server.h"
#include "net/dns_connection.h"
#include "net/memory_stream.h"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

using namespace postern;
using namespace postern::net;
using asio::experimental::awaitable_operators::operator||;

TEST_GROUP(DnsConnection) {
    using Answer = std::expected<dns::Message, DnsFailure>;

    Loop loop;
    core::SeededRandom random{2};
    std::vector<MemoryStream*> dialed; // the latest last; those before may be gone
    std::optional<DnsFailure> unreachable;
    std::unique_ptr<DnsConnection> connection;
    std::string sent; // what was not read yet

    void begin(bool padded = false) {
        connection = std::make_unique<DnsConnection>(
            loop.context.get_executor(), random,
            [this]() -> asio::awaitable<std::expected<std::unique_ptr<Stream>, DnsFailure>> {
                if (unreachable) co_return std::unexpected(*unreachable);
                auto stream = std::make_unique<MemoryStream>(loop.context.get_executor());
                dialed.push_back(stream.get());
                co_return std::move(stream);
            },
            padded);
    }
    void setup() override { begin(); }
    // What waits is let go.
    void teardown() override {
        connection.reset();
        loop.run_ready();
    }

    static dns::Message query(std::string_view of) {
        dns::Message message;
        message.questions = {{name(of), dns::Type::a}};
        message.edns = dns::Edns{.payload_size = 1232, .errors = {}};
        return message;
    }
    Loop::Outcome<Answer> ask(std::string_view of) { return loop.start(connection->ask(query(of))); }

    // The next one that the server reads.
    dns::Message heard(std::size_t* octets = nullptr) {
        loop.run_ready();
        sent += dialed.back()->take_output();
        if (sent.size() < 2) return {};
        std::size_t const length =
            static_cast<std::size_t>(static_cast<unsigned char>(sent[0])) << 8 | static_cast<unsigned char>(sent[1]);
        auto read = dns::parse_message(std::string_view(sent).substr(2, length));
        CHECK(read.outcome == dns::Reading::message);
        sent.erase(0, 2 + length);
        if (octets != nullptr) *octets = length;
        return std::move(read.message);
    }
    static std::string framed(dns::Message const& message) {
        std::string const octets = dns::format(message);
        return std::string{static_cast<char>(octets.size() >> 8), static_cast<char>(octets.size())} + octets;
    }
    void say(std::string const& octets) {
        dialed.back()->feed(octets);
        loop.run_ready();
    }
    static dns::Message reply(dns::Message const& to) { return TestNameServer::reply_to(to); }
};

// RFC 7766 §6.2.1.1, §7
TEST(DnsConnection, has_many_questions_out_whose_answers_come_in_any_order) {
    auto const a = ask("a.example"), b = ask("b.example"), c = ask("c.example");
    auto const first = heard(), second = heard(), third = heard();
    LONGS_EQUAL(1, dialed.size());
    CHECK(std::set({first.id, second.id, third.id}).size() == 3);
    std::string const octets = framed(reply(third)) + framed(reply(first));
    for (char const octet : octets) say(std::string(1, octet)); // however it arrives
    CHECK(a->has_value() && c->has_value() && !b->has_value());
    CHECK((**a)->questions.front().name == name("a.example"));
    CHECK((**c)->questions.front().name == name("c.example"));
    say(framed(reply(second)));
    CHECK(b->has_value() && (*b)->has_value());
}

TEST(DnsConnection, passes_over_what_nobody_waits_for_and_ends_where_something_else_is_said) {
    auto const waiting = ask("a.example");
    auto const query = heard();
    auto other = reply(query);
    ++other.id;
    say(framed(other));
    CHECK_FALSE(waiting->has_value());
    other = reply(query);
    other.questions.front().name = name("b.example");
    say(framed(other));
    CHECK(waiting->has_value() && !(*waiting)->has_value());
    for (bool const truncated : {true, false}) {
        auto const another = ask("c.example");
        other = reply(heard());
        other.truncated = truncated;
        other.response = truncated;
        say(framed(other));
        CHECK(another->has_value() && !(*another)->has_value());
    }
    LONGS_EQUAL(3, dialed.size());
}

TEST(DnsConnection, opens_again_once_where_the_server_closed_what_was_in_use) {
    auto const before = ask("a.example");
    say(framed(reply(heard())));
    CHECK((*before)->has_value());
    auto const after = ask("b.example");
    (void)heard();
    dialed.back()->feed_end();
    loop.run_ready();
    CHECK_FALSE(after->has_value());
    LONGS_EQUAL(2, dialed.size());
    auto const query = heard();
    dialed.back()->feed_end(); // again, without a word
    loop.run_ready();
    CHECK(after->has_value() && !(*after)->has_value());
    LONGS_EQUAL(2, dialed.size());
}

TEST(DnsConnection, says_why_it_cannot_be_opened_and_tries_anew) {
    unreachable = DnsFailure{std::make_error_code(std::errc::network_unreachable), "cannot be asked"};
    auto const failed = ask("a.example");
    CHECK(failed->has_value() && (*failed)->error().error == std::errc::network_unreachable);
    unreachable.reset();
    auto const waiting = ask("a.example");
    say(framed(reply(heard())));
    CHECK((*waiting)->has_value());
}

TEST(DnsConnection, lets_go_of_what_is_not_waited_for_any_more) {
    Event enough(loop.context.get_executor());
    auto const gone = loop.start(connection->ask(query("a.example")) || enough.wait());
    auto const first = heard();
    auto const patient = ask("b.example");
    auto const second = heard();
    enough.raise();
    loop.run_ready();
    CHECK(gone->has_value() && (*gone)->index() == 1);
    say(framed(reply(first)) + framed(reply(second)));
    CHECK((*patient)->has_value());
}

TEST(DnsConnection, has_a_bound_of_questions_that_are_out) {
    std::vector<Loop::Outcome<Answer>> waiting;
    for (std::size_t i = 0; i < DnsConnection::most_questions; ++i) waiting.push_back(ask("a.example"));
    auto const beyond = ask("a.example");
    CHECK(beyond->has_value() && !(*beyond)->has_value());
    connection.reset();
    loop.run_ready();
    CHECK(std::ranges::all_of(waiting, [](auto const& one) { return one->has_value() && !(*one)->has_value(); }));
}

// RFC 8467 §4.1
TEST(DnsConnection, hides_how_long_questions_are_where_nobody_else_can_read_them) {
    begin(true);
    for (std::string const owner : {"a.example", "a-name-that-is-quite-a-bit-longer.of.somebody.example",
                                    "a-name-that-is-so-long.that-it-needs-more-than-that.and-still-goes-on.for-a-while."
                                    "until-it-ends.somewhere.example"}) {
        auto const waiting = ask(owner);
        std::size_t octets = 0;
        auto const query = heard(&octets);
        CHECK_EQUAL(0U, octets % 128);
        CHECK(query.edns.has_value());
    }
}
