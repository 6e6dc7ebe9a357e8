#include "core/clock.h"
#include "core/log.h"
#include "core/random.h"
#include "dns/office_zones.h"
#include "dns/responder.h"
#include "dns/special_zones.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <CppUTest/TestHarness.h>

#include <format>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace responder_test {

using namespace postern;
using namespace postern::dns;
using namespace postern::wire::dns;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

Name name(std::string_view written) { return Name::parse(written).value(); }
IpAddress address(std::string_view written) { return IpAddress::parse(written).value(); }

PreparedAnswer prepared(std::string_view of, Type type, std::vector<Data> const& data,
                        std::optional<core::SteadyTime> made = {}) {
    Message message;
    message.questions = {{name(of), type}};
    for (Data const& one : data) message.answers.push_back({name(of), Seconds(100), one});
    return prepare(message, made);
}

// Knows one name at once, and another one if it is given time.
struct Internet final : Outside {
    std::shared_ptr<PreparedAnswer const> known(Asked const& asked) override {
        CHECK(asked.name == std::string_view(text_of_last = std::string(asked.name)));
        if (asked.name != name("known.example").wire()) return nullptr;
        return std::make_shared<PreparedAnswer const>(
            prepared("known.example", Type::a, {A{{192, 0, 2, 1}}}, core::SteadyTime()));
    }
    asio::awaitable<std::shared_ptr<PreparedAnswer const>> look_up(std::string asked, Type, bool, bool) override {
        asked_for.push_back(std::move(asked));
        co_return std::make_shared<PreparedAnswer const>(
            prepared("shop.example", Type::a, {A{{192, 0, 2, 2}}}, core::SteadyTime()));
    }
    std::string text_of_last;
    std::vector<std::string> asked_for;
};

// How often the log was told that something was left away.
struct Lines final : core::LogObserver {
    Lines() { core::observe_log(this); }
    Lines(Lines const&) = delete;
    Lines& operator=(Lines const&) = delete;
    ~Lines() override { core::observe_log(nullptr); }
    void logged(core::Event event, std::span<core::Detail const>) override {
        if (event == core::Event::queries_refused) ++count;
    }
    int count = 0;
};

} // namespace

TEST_GROUP(Responder) {
    core::ManualClock clock{core::WallTime(std::chrono::seconds(1559731985))};
    core::SeededRandom random{1};
    Internet internet;
    Responder responder{clock, random, internet};
    Client client{address("192.168.1.77"), address("192.168.1.1"), false};
    std::string octets; // of the last query

    void setup() override {
        core::set_log_level(core::Level::error);
        OfficeNames names;
        names.domain = name("office.lan");
        names.serial = 1;
        names.box = {address("192.168.1.1")};
        names.records = {{name("far.office.lan"), Seconds(300), Cname{name("Shop.example")}},
                         {name("large.office.lan"), Seconds(300),
                          Txt{{std::string(250, 'a'), std::string(250, 'b'), std::string(250, 'c')}}},
                         {name("huge.office.lan"), Seconds(300), Txt{std::vector(5, std::string(250, 'x'))}}};
        auto zones = office_zones(names);
        std::ranges::move(special_zones(), std::back_inserter(zones));
        responder.set_zones(std::make_shared<ZoneTable const>(zones, names.box));
        responder.set_rules(
            {.networks = {*IpNetwork::parse("203.0.113.0/24")}, .rate = 5, .waiting = 3, .waiting_of_one = 2});
    }

    static Message question(std::string_view of, Type type = Type::a) {
        Message message;
        message.id = 7;
        message.recursion_desired = true;
        message.questions = {{name(of), type}};
        return message;
    }

    Responder::Said raw(std::string_view query, std::string & out) {
        out.assign(client.over_tcp ? tcp_limit : udp_payload, '?');
        auto said = responder.answer(query, client, out);
        out.resize(said.octets);
        return said;
    }
    Message asked_octets(std::string query) {
        octets = std::move(query);
        std::string out;
        CHECK(raw(octets, out).later == nullptr);
        auto read = parse_message(out);
        CHECK(read.outcome == Reading::message);
        return std::move(read.message);
    }
    Message asked(Message const& message) { return asked_octets(format(message)); }
    std::string code(Message const& message) { return describe(asked(message).code); }

    std::string look_up(Responder::Said said) {
        asio::io_context context;
        std::string answer;
        asio::co_spawn(context, responder.look_up(std::move(said.later), octets, client),
                       [&](std::exception_ptr const&, std::string told) { answer = std::move(told); });
        context.run();
        return answer;
    }
};

TEST(Responder, tells_of_the_office_with_the_askers_letters) {
    Message const answer = asked(question("MAIL.Office.lan"));
    CHECK(answer.response && answer.authoritative && answer.recursion_desired && answer.recursion_available);
    CHECK(answer.id == 7 && answer.answers.front().data == address("192.168.1.1").record());
    CHECK(answer.questions.front().name.wire() == name("MAIL.Office.lan").wire());
    STRCMP_EQUAL("NXDOMAIN", code(question("nobody.office.lan")).c_str());
    STRCMP_EQUAL("NXDOMAIN", code(question("use-application-dns.net")).c_str());
}

TEST(Responder, refuses_what_it_does_not_do) {
    Message no_recursion = question("example.com");
    no_recursion.recursion_desired = false;
    STRCMP_EQUAL("REFUSED", code(no_recursion).c_str());
    no_recursion.questions.front().name = name("mail.office.lan");
    STRCMP_EQUAL("NOERROR", code(no_recursion).c_str());
    Message chaos = question("version.bind", Type::txt);
    chaos.questions.front().of_class = Class{3};
    STRCMP_EQUAL("REFUSED", code(chaos).c_str());
    for (unsigned const type : {41U, 249U, 251U, 252U, 253U, 128U})
        STRCMP_EQUAL("REFUSED", code(question("office.lan", Type(type))).c_str());
    Message update = question("office.lan");
    update.opcode = Opcode{5};
    Message const answer = asked(update);
    CHECK(answer.code == ResponseCode::not_implemented && answer.opcode == Opcode{5} && answer.questions.empty());
    STRCMP_EQUAL("FORMERR", describe(asked_octets(format(question("office.lan")).substr(0, 20)).code).c_str());
}

TEST(Responder, speaks_one_version_of_edns) {
    Message message = question("mail.office.lan");
    message.edns = Edns{.payload_size = 4096, .version = 1, .dnssec_ok = false, .errors = {}};
    Message const answer = asked(message);
    CHECK(answer.code == ResponseCode::bad_version && answer.edns && answer.edns->version == 0);
    CHECK(answer.answers.empty());
}

TEST(Responder, keeps_to_what_a_client_takes_over_udp) {
    Message message = question("large.office.lan", Type::txt);
    CHECK(asked(message).truncated);
    message.edns = Edns{.payload_size = 1000, .version = 0, .dnssec_ok = false, .errors = {}};
    CHECK(!asked(message).truncated);
    message.questions.front().name = name("huge.office.lan");
    message.edns->payload_size = 65535;
    CHECK(asked(message).truncated); // beyond 1232 octets
    client.over_tcp = true;
    CHECK_EQUAL(1, asked(message).answers.size());
    message.edns.reset();
    CHECK_EQUAL(1, asked(message).answers.size());
}

TEST(Responder, refuses_strangers_in_few_words) {
    client.address = address("198.51.100.7");
    Message message = question("mail.office.lan");
    message.edns = Edns{};
    Message const answer = asked(message);
    CHECK(answer.code == ResponseCode::refused && !answer.edns && answer.answers.empty());
    CHECK(responder.counts().queries == 1 && responder.counts().refused == 1);
    client.address = address("203.0.113.7");
    STRCMP_EQUAL("NOERROR", code(message).c_str());
    CHECK(responder.counts().queries == 2 && responder.counts().refused == 1);
}

TEST(Responder, says_nothing_to_what_is_no_query) {
    std::string out;
    Message response = question("mail.office.lan");
    response.response = true;
    CHECK(raw(format(response), out).octets == 0 && out.empty());
    CHECK(raw("?", out).octets == 0);
}

TEST(Responder, slows_down_who_may_not_have_asked) {
    Lines lines;
    Message const message = question("mail.office.lan");
    for (int i = 0; i < 50; ++i) CHECK(!asked(message).truncated);
    std::string out;
    CHECK(raw(format(message), out).octets == 0);
    Message const cut = asked(message);
    CHECK(cut.truncated && cut.answers.empty() && cut.code == ResponseCode::no_error);
    CHECK_EQUAL(2, responder.counts().left_away);
    CHECK_EQUAL(1, lines.count);
    clock.advance(61s);
    for (int i = 0; i < 52; ++i) raw(format(message), out);
    CHECK_EQUAL(2, lines.count);
    client.over_tcp = true;
    CHECK(!asked(message).truncated);
    client = {address("127.0.0.1"), address("127.0.0.1"), false};
    for (int i = 0; i < 100; ++i) CHECK(!asked(message).truncated);
}

TEST(Responder, believes_a_cookie_of_its_own) {
    std::string const cookie = "12345678";
    auto const with = [&](std::string const& value) {
        std::string query = format(question("mail.office.lan"));
        query[11] = 1;
        return query + "\0\0\x29\x04\xd0\0\0\0\0\0"s + static_cast<char>(value.size() + 4) + "\0\x0a\0"s +
               static_cast<char>(value.size()) + value;
    };
    std::string out;
    raw(with(cookie), out);
    std::string const whole = out.substr(out.size() - 24);
    CHECK(whole.starts_with(cookie));
    for (int i = 0; i < 200; ++i) {
        raw(with(whole), out);
        CHECK(out.ends_with(whole));
    }
    for (int i = 0; i < 200; ++i) raw(with(cookie), out);
    CHECK(responder.counts().left_away > 100);
    // RFC 7873 §5.4: a cookie alone.
    std::string alone = with(whole).substr(0, 12) + with(whole).substr(12 + 21);
    alone[5] = 0;
    raw(alone, out);
    CHECK(out.ends_with(whole) && out.size() == 12 + 11 + 28);
}

TEST(Responder, asks_outside_for_the_rest) {
    clock.advance(10s);
    Message const known = asked(question("KNOWN.example"));
    CHECK(known.answers.front().ttl == Seconds(90) && !known.authoritative);
    octets = format(question("sHop.example"));
    std::string out;
    auto said = raw(octets, out);
    CHECK(said.octets == 0 && said.later != nullptr);
    CHECK_EQUAL(1, responder.counts().waiting);
    Message const answer = parse_message(look_up(std::move(said))).message;
    CHECK(answer.answers.front().data == Data(A{{192, 0, 2, 2}}) && answer.id == 7);
    CHECK(answer.questions.front().name.wire() == name("sHop.example").wire());
    CHECK(internet.asked_for == std::vector{std::string(name("shop.example").wire())});
    CHECK_EQUAL(0, responder.counts().waiting);
}

TEST(Responder, follows_an_alias_of_the_office_outside) {
    octets = format(question("Far.office.lan"));
    std::string out;
    auto said = raw(octets, out);
    CHECK(said.later != nullptr);
    Message const answer = parse_message(look_up(std::move(said))).message;
    CHECK_EQUAL(2, answer.answers.size());
    CHECK(answer.answers.at(0) == (Record{name("far.office.lan"), Seconds(300), Cname{name("shop.example")}}));
    CHECK(answer.answers.at(1) == (Record{name("shop.example"), Seconds(100), A{{192, 0, 2, 2}}}));
    CHECK(internet.asked_for == std::vector{std::string(name("shop.example").wire())});
    Message plain = question("far.office.lan");
    plain.recursion_desired = false;
    CHECK_EQUAL(1, asked(plain).answers.size());
}

TEST(Responder, lets_so_many_wait_and_no_more) {
    std::string out;
    octets = format(question("shop.example"));
    auto const first = raw(octets, out), second = raw(octets, out);
    CHECK(first.later && second.later);
    STRCMP_EQUAL("SERVFAIL", code(question("shop.example")).c_str());
    client.address = address("192.168.1.78");
    auto third = raw(octets, out);
    CHECK(third.later != nullptr);
    client.address = address("192.168.1.79");
    STRCMP_EQUAL("SERVFAIL", code(question("shop.example")).c_str());
    third.later.reset();
    CHECK(raw(octets, out).later != nullptr);
}

} // namespace responder_test
