#include "core/clock.h"
#include "core/random.h"
#include "loop.h"
#include "name_server.h"
#include "net/event.h"
#include "net/stub_resolver.h"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <format>
#include <fstream>
#include <set>

using namespace postern;
using namespace postern::net;
using namespace std::chrono_literals;
using namespace std::string_literals;
using asio::experimental::awaitable_operators::operator||;

namespace {

constexpr std::array<unsigned char, 4> first_address{192, 0, 2, 1};

dns::Record a(std::string_view owner, unsigned char last = 1, std::uint32_t ttl = 300) {
    return {name(owner), dns::Seconds(ttl), dns::A{{192, 0, 2, last}}};
}
dns::Record aaaa(std::string_view owner) {
    return {name(owner), dns::Seconds(300), dns::Aaaa{{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}};
}
dns::Record mx(std::string_view owner, std::uint16_t preference, std::string_view exchange) {
    return {name(owner), dns::Seconds(300), dns::Mx{preference, name(exchange)}};
}

} // namespace

TEST_GROUP(StubResolver) {
    Loop loop;
    core::ManualClock clock{core::WallTime{}};
    core::SeededRandom random{3};
    std::filesystem::path directory = std::filesystem::path("/dev/shm") / ("postern-resolver-" + random_name());
    TestNameServer server{loop};
    TestNameServer second{loop};
    std::vector<core::NameServer> servers{server.address()};
    std::unique_ptr<net::StubResolver> resolver;

    static std::string random_name() { return core::SystemRandom().hex(8); }

    void setup() override {
        std::filesystem::create_directory(directory);
        write("resolv.conf", "options timeout:1 attempts:1\n");
        resolver = std::make_unique<net::StubResolver>(
            clock, random, [this] { return servers; }, ResolverFiles{directory / "hosts", directory / "resolv.conf"});
    }
    void teardown() override { std::filesystem::remove_all(directory); }

    void write(std::string const& file, std::string_view text) { std::ofstream(directory / file) << text; }

    LookedUp<asio::ip::address> look_up(std::string host) {
        return loop.finish(loop.start(resolver->addresses(std::move(host))));
    }
    LookedUp<MailExchanger> exchangers(std::string domain) {
        return loop.finish(loop.start(resolver->mail_exchangers(std::move(domain))));
    }
    void finds(std::string host, std::vector<std::string> const& expected) {
        auto const found = look_up(std::move(host));
        CHECK(found.has_value());
        std::vector<std::string> written;
        for (auto const& address : *found) written.push_back(address.to_string());
        CHECK(written == expected);
    }
    void fails(LookUpFailure failure, std::string_view reason, std::string host = "mail.firm.example") {
        auto const found = look_up(std::move(host));
        CHECK(!found.has_value());
        CHECK(found.error().failure == failure);
        STRCMP_CONTAINS(std::string(reason).c_str(), found.error().reason.c_str());
    }
    std::string reason(std::string_view what) {
        return std::format("name server 127.0.0.1#{} {}", server.address().port, what);
    }
};

TEST(StubResolver, finds_addresses_of_both_families_and_asks_for_them_side_by_side) {
    server.publish({a("mail.firm.example", 1), a("mail.firm.example", 2), aaaa("mail.firm.example")});
    finds("Mail.firm.example.", {"2001:db8::1", "192.0.2.1", "192.0.2.2"});
    LONGS_EQUAL(2, server.queries.size());

    std::set<dns::Type> asked;
    server.answer = {};
    server.queries.clear();
    auto const waiting = loop.start(resolver->addresses("other.firm.example"));
    for (auto const& query : server.queries) asked.insert(query.questions.at(0).type);
    CHECK(asked == std::set({dns::Type::a, dns::Type::aaaa})); // and nobody has answered yet
    loop.finish(waiting);
}

TEST(StubResolver, asks_in_a_way_that_is_hard_to_guess_and_offers_EDNS) {
    server.publish({});
    std::set<std::uint16_t> ids, ports;
    for (int i = 0; i < 8; ++i) {
        (void)look_up(std::format("a{}.example", i));
        ids.insert(server.queries.back().id);
        ports.insert(server.client.port());
    }
    CHECK(ids.size() > 4);
    CHECK(ports.size() > 4);
    auto const& query = server.queries.back();
    CHECK(query.recursion_desired && !query.response);
    LONGS_EQUAL(1, query.questions.size());
    LONGS_EQUAL(1232, query.edns->payload_size);
}

TEST(StubResolver, follows_aliases) {
    server.answer = [](dns::Message const& query, bool) {
        auto reply = TestNameServer::reply_to(query);
        reply.answers = {{name("mail.firm.example"), dns::Seconds(60), dns::Cname{name("host.provider.example")}},
                         a("host.provider.example")};
        return dns::format(reply);
    };
    finds("mail.firm.example", {"192.0.2.1"});
}

TEST(StubResolver, tells_what_is_not_there_from_who_does_not_know) {
    server.publish({mx("firm.example", 10, "mail.firm.example")});
    fails(LookUpFailure::no_such_name, "there is no such name", "nobody.firm.example");
    fails(LookUpFailure::no_such_records, "it has no address", "firm.example");
    server.answer = [](dns::Message const& query, bool) {
        return dns::format(TestNameServer::reply_to(query, dns::ResponseCode::name_error));
    };
    fails(LookUpFailure::perhaps_no_such_name, "there is no such name", "somebody.firm.example");
    for (auto const code : {dns::ResponseCode::server_failure, dns::ResponseCode::refused}) {
        server.answer = [code](dns::Message const& query, bool) {
            return dns::format(TestNameServer::reply_to(query, code));
        };
        fails(LookUpFailure::server_failed, reason("answers " + dns::describe(code)));
    }
    server.answer = {};
    fails(LookUpFailure::no_answer, reason("does not answer"));
    servers = {{"127.0.0.1", 1}}; // nobody listens there
    fails(LookUpFailure::no_answer, "name server 127.0.0.1#1 cannot be asked: Connection refused");
    servers.clear();
    fails(LookUpFailure::no_answer, "no name server is known");
}

TEST(StubResolver, one_family_does_not_hide_that_nobody_knows_of_the_other) {
    server.answer = [](dns::Message const& query, bool) {
        bool const four = query.questions.at(0).type == dns::Type::a;
        return dns::format(
            TestNameServer::reply_to(query, four ? dns::ResponseCode::server_failure : dns::ResponseCode::no_error));
    };
    fails(LookUpFailure::server_failed, "SERVFAIL");
}

TEST(StubResolver, one_family_is_not_kept_waiting_by_the_other) {
    server.answer = [](dns::Message const& query, bool) -> std::optional<std::string> {
        if (query.questions.at(0).type == dns::Type::aaaa) return std::nullopt;
        auto reply = TestNameServer::reply_to(query);
        reply.answers = {a("mail.firm.example")};
        return dns::format(reply);
    };
    write("resolv.conf", "options timeout:10 attempts:5\n");
    finds("mail.firm.example", {"192.0.2.1"});
    LONGS_EQUAL(2, server.queries.size()); // and was not asked again
}

// RFC 8914
TEST(StubResolver, passes_on_what_a_server_says_of_its_failure) {
    server.answer = [](dns::Message const& query, bool) {
        auto reply = TestNameServer::reply_to(query, dns::ResponseCode::server_failure);
        reply.edns->errors = {{22, "nobody of example"}};
        return dns::format(reply);
    };
    fails(LookUpFailure::server_failed, "answers SERVFAIL (No Reachable Authority: nobody of example)");
}

TEST(StubResolver, does_not_take_for_an_answer_what_is_none) {
    server.answer = [this](dns::Message const& query, bool) {
        auto lie = TestNameServer::reply_to(query);
        lie.answers = {a("mail.firm.example", 66)};
        auto const say = [this](dns::Message const& message) { server.say_to_client(dns::format(message)); };
        server.answer_from_elsewhere(dns::format(lie));
        auto other = lie;
        ++other.id;
        say(other);
        other = lie;
        other.response = false;
        say(other);
        other = lie;
        other.questions[0].name = name("mail.other.example");
        say(other);
        other = lie;
        other.questions[0].type = dns::Type::txt;
        say(other);
        other = lie;
        other.questions.clear();
        say(other);
        server.say_to_client("nonsense");
        server.say_to_client("");
        auto truth = TestNameServer::reply_to(query);
        if (query.questions[0].type == dns::Type::a) truth.answers = {a("mail.firm.example", 1)};
        return dns::format(truth);
    };
    finds("mail.firm.example", {"192.0.2.1"});
}

TEST(StubResolver, asks_by_TCP_for_what_is_too_long) {
    server.answer = [](dns::Message const& query, bool tcp) {
        auto reply = TestNameServer::reply_to(query);
        if (query.questions[0].type == dns::Type::a)
            for (unsigned char i = 0; i < 60; ++i) reply.answers.push_back(a("mail.firm.example", i));
        if (!tcp) return dns::format(reply, dns::udp_limit);
        std::string octets = dns::format(reply);
        return std::string{static_cast<char>(octets.size() >> 8), static_cast<char>(octets.size())} + octets;
    };
    auto const found = look_up("mail.firm.example");
    CHECK(found.has_value());
    LONGS_EQUAL(60, found->size());
}

TEST(StubResolver, goes_on_to_the_next_server_where_TCP_breaks_off) {
    servers.push_back(second.address());
    second.publish({a("mail.firm.example")});
    for (std::string const& said : {""s, "\0"s, "\0\x40too short"s, "\0\x05hello"s}) {
        server.answer = [&said](dns::Message const& query, bool tcp) {
            auto reply = TestNameServer::reply_to(query);
            reply.truncated = true;
            return tcp ? said : dns::format(reply);
        };
        servers.push_back({"192.0.2.9", 1}); // others: it begins with the first of them, and remembers nothing
        finds("mail.firm.example", {"192.0.2.1"});
    }
}

TEST(StubResolver, goes_on_to_the_next_server_where_one_is_dead_and_then_begins_with_that) {
    servers = {{"127.0.0.1", 1}, server.address(), second.address()};
    second.publish({a("mail.firm.example"), a("other.firm.example")});
    finds("mail.firm.example", {"192.0.2.1"}); // and server is silent
    server.queries.clear();
    finds("other.firm.example", {"192.0.2.1"});
    CHECK(server.queries.empty());
}

TEST(StubResolver, goes_on_to_the_next_server_where_one_fails_or_talks_nonsense) {
    servers = {server.address(), second.address()};
    second.publish({a("mail.firm.example")});
    server.answer = [](dns::Message const& query, bool) {
        return dns::format(TestNameServer::reply_to(query, dns::ResponseCode::server_failure));
    };
    finds("mail.firm.example", {"192.0.2.1"});
    servers = {server.address(), second.address(), second.address()}; // others: it begins with the first of them
    server.answer = [](dns::Message const& query, bool) {             // a referral
        auto reply = TestNameServer::reply_to(query);
        reply.recursion_available = false;
        reply.authorities = {{name("example"), dns::Seconds(60), dns::Ns{name("ns.example")}}};
        return dns::format(reply);
    };
    finds("mail.firm.example", {"192.0.2.1"});
}

TEST(StubResolver, a_question_that_was_lost_is_asked_again) {
    write("resolv.conf", "options timeout:1 attempts:2\n");
    server.answer = [lost = std::set<dns::Type>()](dns::Message const& query,
                                                   bool) mutable -> std::optional<std::string> {
        if (lost.insert(query.questions[0].type).second) return std::nullopt;
        auto reply = TestNameServer::reply_to(query);
        reply.answers = {query.questions[0].type == dns::Type::a ? a("mail.firm.example") : aaaa("mail.firm.example")};
        return dns::format(reply);
    };
    finds("mail.firm.example", {"2001:db8::1", "192.0.2.1"});
}

// RFC 6891 §7
TEST(StubResolver, does_without_EDNS_where_a_server_does_not_know_it) {
    server.answer = [](dns::Message const& query, bool) {
        if (query.edns)
            return dns::format(TestNameServer::reply_to(query, dns::ResponseCode::format_error)).substr(0, 4) +
                   std::string(8, '\0');
        auto reply = TestNameServer::reply_to(query);
        if (query.questions[0].type == dns::Type::a) reply.answers = {a("mail.firm.example")};
        return dns::format(reply);
    };
    finds("mail.firm.example", {"192.0.2.1"});
}

TEST(StubResolver, remembers_for_as_long_as_it_may) {
    server.publish({a("mail.firm.example", 1, 60), aaaa("mail.firm.example")});
    for (int i = 0; i < 2; ++i) finds("MAIL.firm.example", {"2001:db8::1", "192.0.2.1"});
    LONGS_EQUAL(2, server.queries.size());
    clock.advance(59s);
    (void)look_up("mail.firm.example");
    LONGS_EQUAL(2, server.queries.size());
    clock.advance(1s);
    (void)look_up("mail.firm.example");
    LONGS_EQUAL(3, server.queries.size()); // of IPv4 alone

    fails(LookUpFailure::no_such_name, "no such name", "nobody.firm.example");
    server.queries.clear();
    clock.advance(59s);
    fails(LookUpFailure::no_such_name, "no such name", "nobody.firm.example");
    CHECK(server.queries.empty());
    clock.advance(1s);
    server.publish({a("nobody.firm.example")});
    finds("nobody.firm.example", {"192.0.2.1"});
}

// A router without internet may say so of every name.
TEST(StubResolver, does_not_remember_that_there_is_nothing_from_who_cannot_know) {
    for (auto const code :
         {dns::ResponseCode::name_error, dns::ResponseCode::no_error, dns::ResponseCode::server_failure}) {
        server.answer = [code](dns::Message const& query, bool) {
            return dns::format(TestNameServer::reply_to(query, code));
        };
        CHECK_FALSE(look_up("mail.firm.example").has_value());
    }
    server.publish({a("mail.firm.example")});
    finds("mail.firm.example", {"192.0.2.1"});
}

TEST(StubResolver, forgets_what_other_servers_said) {
    server.publish({a("mail.firm.example", 1)});
    second.publish({a("mail.firm.example", 2)});
    finds("mail.firm.example", {"192.0.2.1"});
    servers = {second.address()};
    finds("mail.firm.example", {"192.0.2.2"});
}

// RFC 6761 §6.3
TEST(StubResolver, asks_nobody_for_localhost) {
    finds("localhost", {"::1", "127.0.0.1"});
    finds("db.LOCALHOST.", {"::1", "127.0.0.1"});
    CHECK(exchangers("localhost") == std::vector<MailExchanger>({{0, "localhost"}}));
    CHECK(server.queries.empty());
}

TEST(StubResolver, knows_the_hosts_of_the_system_and_notices_when_they_change) {
    server.publish({a("mail.firm.example", 9)});
    finds("mail.firm.example", {"192.0.2.9"});
    write("hosts", "192.0.2.7 mail.firm.example mail # ours\n2001:db8::7\tMAIL.firm.example\nnonsense mail\n");
    finds("mail.firm.example", {"192.0.2.7", "2001:db8::7"});
    finds("mail", {"192.0.2.7"});
    std::filesystem::remove(directory / "hosts");
    finds("mail.firm.example", {"192.0.2.9"});
}

TEST(StubResolver, asks_nobody_for_what_is_no_name) {
    fails(LookUpFailure::no_such_name, "not a domain name", std::string(300, 'a'));
    fails(LookUpFailure::no_such_name, "not a domain name", "a..example");
    CHECK(exchangers("").error().failure == LookUpFailure::no_such_name);
    CHECK(server.queries.empty());
}

// RFC 5321 §5.1
TEST(StubResolver, gives_mail_exchangers_in_the_order_in_which_they_are_to_be_tried) {
    server.publish({mx("firm.example", 20, "c.firm.example"), mx("firm.example", 10, "b.firm.example"),
                    mx("firm.example", 10, "a.firm.example"), mx("firm.example", 0, "d.firm.example")});
    std::set<std::string> seconds;
    for (int i = 0; i < 32; ++i) {
        auto const found = exchangers("firm.example");
        CHECK(found.has_value());
        LONGS_EQUAL(4, found->size());
        CHECK(found->front() == MailExchanger(0, "d.firm.example"));
        CHECK(found->back() == MailExchanger(20, "c.firm.example"));
        seconds.insert((*found)[1].host);
    }
    CHECK(seconds == std::set({"a.firm.example"s, "b.firm.example"s})); // either comes first now and then
}

TEST(StubResolver, a_domain_without_mail_exchangers_is_its_own) {
    server.publish({a("firm.example")});
    CHECK(exchangers("firm.example") == std::vector<MailExchanger>({{0, "firm.example"}}));
}

// RFC 7505
TEST(StubResolver, tells_that_a_domain_takes_no_mail) {
    server.publish({mx("nomail.example", 0, "."), mx("odd.example", 0, "."), mx("odd.example", 5, "mail.odd.example")});
    CHECK(exchangers("nomail.example").error().failure == LookUpFailure::no_mail);
    CHECK(exchangers("odd.example") == std::vector<MailExchanger>({{5, "mail.odd.example"}}));
}

TEST(StubResolver, a_domain_of_which_nobody_knows_has_no_implicit_exchanger) {
    server.publish({a("firm.example")});
    CHECK(exchangers("other.example").error().failure == LookUpFailure::no_such_name);
    server.answer = {};
    CHECK(exchangers("third.example").error().failure == LookUpFailure::no_answer);
}

TEST(StubResolver, can_be_called_off) {
    Loop own; // in which nothing but this goes on
    Event enough(own.context.get_executor());
    write("resolv.conf", "options timeout:10 attempts:5\n");
    auto const either = own.start(resolver->addresses("mail.firm.example") || enough.wait());
    CHECK(!*either);
    enough.raise();
    own.run_ready();
    CHECK(either->has_value());
    CHECK_EQUAL(1U, (*either)->index());
    CHECK(own.context.stopped());
}

TEST_GROUP(ResolverFiles){};

TEST(ResolverFiles, reads_resolv_conf_within_bounds) {
    auto const conf =
        parse_resolv_conf("# a comment\n; another\ndomain office.lan\nnameserver 192.0.2.1 # here\n"
                          "nameserver\t2001:db8::53\r\nnameserver nonsense\nnameserver\n"
                          "options timeout:2 attempts:4 rotate\nnameserver 192.0.2.2\nnameserver 192.0.2.3");
    std::vector<std::string> written;
    for (auto const& address : conf.servers) written.push_back(address.to_string());
    CHECK(written == std::vector({"192.0.2.1"s, "2001:db8::53"s, "192.0.2.2"s}));
    CHECK(conf.timeout == 2s);
    LONGS_EQUAL(4, conf.attempts);
    CHECK(parse_resolv_conf("options timeout:3600 attempts:99999999999999").timeout == ResolvConf::longest_timeout);
    LONGS_EQUAL(ResolvConf::most_attempts, parse_resolv_conf("options attempts:99999999999999").attempts);
    LONGS_EQUAL(1, parse_resolv_conf("options attempts:0").attempts);
    CHECK(parse_resolv_conf("options timeout:0 timeout:x").timeout == 1s);
    CHECK(parse_resolv_conf("").servers.empty());
}

TEST_GROUP(DnsCache) {
    core::SteadyTime const now{};
    dns::Answer const known{dns::Finding::records, {dns::A{first_address}}, 100s};
    static dns::Question question(std::string_view written) { return {name(written), dns::Type::a}; }
};

TEST(DnsCache, keeps_answers_apart_by_name_and_type) {
    DnsCache cache(10);
    cache.put(question("a.example"), known, now);
    CHECK(cache.find(question("A.Example"), now) == known);
    CHECK_FALSE(cache.find(question("b.example"), now).has_value());
    CHECK_FALSE(cache.find({name("a.example"), dns::Type::aaaa}, now).has_value());
}

TEST(DnsCache, forgets_what_would_be_forgotten_first_where_there_is_no_room) {
    DnsCache cache(2);
    cache.put(question("a.example"), known, now);
    cache.put(question("b.example"), {dns::Finding::records, {}, 50s}, now);
    cache.put(question("c.example"), known, now);
    LONGS_EQUAL(2, cache.size());
    CHECK_FALSE(cache.find(question("b.example"), now).has_value());
}

TEST(DnsCache, keeps_nothing_for_ever) {
    DnsCache cache(10);
    cache.put(question("a.example"), {dns::Finding::no_such_name, {}, 1000h}, now);
    cache.put(question("b.example"), {dns::Finding::records, {}, 1000h}, now);
    cache.put(question("c.example"), {dns::Finding::records, {}, 0s}, now);
    cache.put(question("d.example"), {dns::Finding::no_such_name, {}, std::nullopt}, now);
    LONGS_EQUAL(2, cache.size());
    CHECK(cache.find(question("a.example"), now + DnsCache::longest_negative - 1s).has_value());
    CHECK_FALSE(cache.find(question("a.example"), now + DnsCache::longest_negative).has_value());
    CHECK(cache.find(question("b.example"), now + DnsCache::longest - 1s).has_value());
    CHECK_FALSE(cache.find(question("b.example"), now + DnsCache::longest).has_value());
}
