#include "core/random.h"
#include "dns/forwarder.h"
#include "internet.h"
#include "text/ascii.h"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <CppUTest/TestHarness.h>

#include <filesystem>
#include <format>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace postern::dns::testing {

using namespace std::string_literals;
using asio::experimental::awaitable_operators::operator||;

TEST_GROUP(Forwarder) {
    using Answer = std::shared_ptr<PreparedAnswer const>;

    Internet internet;
    core::SeededRandom random{11};
    std::filesystem::path resolv_conf =
        std::filesystem::path("/dev/shm") / ("postern-forwarder-" + core::SystemRandom().hex(8));
    std::unique_ptr<Forwarder> forwarder;

    static ForwarderOptions options(std::vector<std::uint16_t> ports) {
        ForwarderOptions made;
        for (auto const port : ports) made.servers.push_back({"192.0.2.53", port});
        return made;
    }
    void begin(ForwarderOptions with) {
        forwarder = std::make_unique<Forwarder>(
            internet.loop.context.get_executor(), internet, random, internet, std::move(with),
            [](asio::ip::address const& address) { return address.is_loopback(); }, resolv_conf);
    }
    void setup() override { begin(options({1})); }
    void teardown() override { std::filesystem::remove(resolv_conf); }

    struct Waiting {
        std::string owner;
        Type type;
        net::Loop::Outcome<Answer> outcome;
        [[nodiscard]] bool done() const { return outcome->has_value(); }
    };
    Waiting start(std::string_view owner, Type type = Type::a, bool dnssec_ok = false) {
        return {std::string(owner), type,
                internet.loop.start(forwarder->look_up(std::string(name(owner).wire()), type, dnssec_ok, false))};
    }
    Message told(Waiting const& waiting) {
        CHECK(waiting.done());
        CHECK(**waiting.outcome != nullptr);
        return as_sent(***waiting.outcome, waiting.owner, waiting.type, internet.steady());
    }
    Message look_up(std::string_view owner, Type type = Type::a) {
        auto const waiting = start(owner, type);
        internet.advance(6s);
        return told(waiting);
    }
    Answer known(std::string_view owner, Type type = Type::a) {
        auto const folded = text::lower(name(owner).wire());
        return forwarder->known({folded, type, false, false});
    }
    Message told_at_once(std::string_view owner, Type type = Type::a) {
        auto const answer = known(owner, type);
        CHECK(answer != nullptr);
        return as_sent(*answer, owner, type, internet.steady());
    }
    static unsigned error_of(Message const& message) {
        CHECK(message.edns.has_value());
        return message.edns->errors.empty() ? 1000 : message.edns->errors.front().code;
    }
    void is_address(Message const& message, unsigned char last) {
        CHECK(message.code == ResponseCode::no_error);
        LONGS_EQUAL(1, message.answers.size());
        CHECK_EQUAL(last, std::get<wire::dns::A>(message.answers.front().data).address[3]);
    }
};

TEST(Forwarder, asks_and_remembers) {
    internet.servers[1] = Internet::knowing({a("www.example", {192, 0, 2, 7}, 60)});
    CHECK(known("www.example") == nullptr);
    is_address(look_up("www.example"), 7);
    internet.advance(10s);
    auto const again = told_at_once("WWW.example");
    is_address(again, 7);
    LONGS_EQUAL(45, again.answers.front().ttl.count()); // some six seconds were over in look_up
    LONGS_EQUAL(1, internet.questions.size());
    CHECK_EQUAL(1U, forwarder->status().asked);
    CHECK_EQUAL(1U, forwarder->status().known);
    CHECK(known("www.example", Type::aaaa) == nullptr);
}

TEST(Forwarder, asks_in_a_way_that_is_hard_to_guess) {
    internet.servers[1] = Internet::knowing({});
    std::set<std::uint16_t> ids;
    std::set<std::string> names;
    for (int i = 0; i < 8; ++i) {
        (void)look_up("a-long-enough-name.example", static_cast<Type>(1000 + i));
        ids.insert(internet.questions.back().query.id);
        names.emplace(internet.questions.back().query.questions.at(0).name.wire());
    }
    LONGS_EQUAL(8, ids.size());
    LONGS_EQUAL(8, names.size());
    auto const& query = internet.questions.back().query;
    CHECK(query.recursion_desired && !query.checking_disabled && !query.edns->dnssec_ok);
    LONGS_EQUAL(1232, query.edns->payload_size);
}

// RFC 5452 §5
TEST(Forwarder, asks_once_what_several_want_to_know) {
    internet.servers[1] = Internet::knowing({a("www.example")});
    auto const first = start("www.example"), second = start("www.example"), third = start("www.example", Type::a, true);
    LONGS_EQUAL(2, internet.questions.size());
    CHECK(internet.questions.back().query.edns->dnssec_ok);
    internet.advance(10ms);
    is_address(told(first), 1);
    is_address(told(second), 1);
    CHECK(third.done());
}

TEST(Forwarder, one_that_does_not_wait_any_more_takes_the_answer_from_nobody) {
    internet.servers[1] = Internet::knowing({a("www.example")});
    net::Event enough(internet.loop.context.get_executor());
    auto const gone = internet.loop.start(
        forwarder->look_up(std::string(name("www.example").wire()), Type::a, false, false) || enough.wait());
    auto const patient = start("www.example");
    enough.raise();
    internet.loop.run_ready();
    CHECK(gone->has_value());
    CHECK_FALSE(patient.done());
    internet.advance(10ms);
    is_address(told(patient), 1);
}

TEST(Forwarder, asks_again_what_was_lost) {
    int lost = 2;
    internet.servers[1] = [&, knows = Internet::knowing({a("www.example")})](Message const& query, Way way) {
        return lost-- > 0 ? std::nullopt : knows(query, way);
    };
    auto const waiting = start("www.example");
    internet.advance(Upstream::first_patience + 2 * Upstream::first_patience + 10ms);
    is_address(told(waiting), 1);
    LONGS_EQUAL(3, internet.real_questions().size());
}

TEST(Forwarder, asks_the_next_one_soon_where_one_is_slow_and_then_begins_with_the_fastest) {
    begin(options({1, 2, 3}));
    for (std::uint16_t const port : {1, 2, 3})
        internet.servers[port] = Internet::knowing({a("a.example"), a("b.example"), a("c.example"), a("d.example")});
    internet.distances = {{1, 300ms}, {2, 200ms}, {3, 20ms}};
    for (std::string const owner : {"a.example", "b.example", "c.example"}) (void)look_up(owner);
    internet.questions.clear();
    (void)look_up("d.example");
    LONGS_EQUAL(1, internet.questions.size());
    CHECK_EQUAL(3, internet.questions.front().port);
    CHECK_EQUAL("192.0.2.53#3"s, forwarder->status().servers.front().written);

    // It is silent from now on.
    internet.servers[3] = {};
    auto const waiting = start("a.example", Type::mx);
    internet.advance(Upstream::least_patience + 40ms + 200ms);
    CHECK(waiting.done());
}

TEST(Forwarder, asks_others_beside_the_fastest_now_and_then) {
    begin(options({1, 2}));
    for (std::uint16_t const port : {1, 2}) internet.servers[port] = Internet::knowing({});
    (void)look_up("a.example");
    LONGS_EQUAL(2, internet.questions.size());
    (void)look_up("b.example");
    LONGS_EQUAL(3, internet.questions.size());
    internet.advance(measured_again);
    (void)look_up("c.example");
    LONGS_EQUAL(5, internet.questions.size());
}

TEST(Forwarder, takes_a_failure_for_no_silence_and_asks_the_next_one_at_once) {
    begin(options({1, 2}));
    for (auto const code : {ResponseCode::server_failure, ResponseCode::refused}) {
        internet.servers[1] = Internet::saying(code);
        internet.servers[2] = Internet::knowing({a("www.example"), a("ftp.example")});
        auto const waiting = start(code == ResponseCode::refused ? "www.example" : "ftp.example");
        internet.advance(20ms);
        is_address(told(waiting), 1);
    }
}

TEST(Forwarder, says_what_is_wrong_where_nobody_knows_and_asks_again_a_moment_later) {
    begin(options({1, 2}));
    internet.servers[1] = Internet::saying(ResponseCode::refused);
    internet.servers[2] = Internet::saying(ResponseCode::refused);
    auto const waiting = start("www.example");
    internet.advance(20ms);
    auto const failed = told(waiting);
    CHECK(failed.code == ResponseCode::server_failure);
    CHECK_EQUAL(22U, error_of(failed));
    STRCMP_CONTAINS("REFUSED", failed.edns->errors.front().text.c_str());
    LONGS_EQUAL(2, internet.questions.size());
    CHECK(told_at_once("www.example").code == ResponseCode::server_failure);
    internet.advance(Cache::first_failure);
    CHECK(known("www.example") == nullptr);
    CHECK_FALSE(forwarder->status().reachability != Reachability::State::there);
}

TEST(Forwarder, passes_on_why_a_server_failed_and_asks_nobody_else_where_something_is_forged) {
    begin(options({1, 2}));
    internet.servers[1] = [](Message const& query, Way) -> std::optional<Internet::Outcome> {
        auto reply = Internet::reply_to(query, {}, {}, ResponseCode::server_failure);
        reply.edns->errors = {{6, "forged"}};
        return reply;
    };
    internet.servers[2] = [](Message const&, Way) -> std::optional<Internet::Outcome> { return std::nullopt; };
    auto const waiting = start("www.example");
    internet.advance(10ms);
    CHECK(told(waiting).code == ResponseCode::server_failure);
    CHECK_EQUAL(6U, error_of(told(waiting)));
}

TEST(Forwarder, does_not_wait_for_an_internet_that_is_away_and_is_back_with_the_first_answer) {
    auto const first = start("www.example");
    internet.advance(Reachability::silence - 10ms);
    CHECK_FALSE(first.done());
    internet.advance(10ms);
    CHECK(told(first).code == ResponseCode::server_failure);
    CHECK_EQUAL(22U, error_of(told(first)));
    CHECK(told_at_once("other.example").code == ResponseCode::server_failure);
    CHECK(start("third.example").done());

    // It costs little while it lasts.
    auto const before = internet.questions.size();
    internet.advance(1h);
    auto const probes = internet.questions.size() - before;
    CHECK(probes > 60 && probes < 300);

    internet.servers[1] = Internet::knowing({a("www.example")});
    internet.advance(Reachability::last_probe + 10ms);
    CHECK(forwarder->status().reachability == Reachability::State::there);
    is_address(look_up("www.example"), 1);
    CHECK(known("other.example") == nullptr);
}

TEST(Forwarder, an_answer_that_comes_late_is_a_sign_as_well) {
    internet.servers[1] = Internet::knowing({a("www.example")});
    internet.distances[1] = 2500ms;
    auto const first = start("www.example");
    internet.advance(2000ms);
    CHECK_EQUAL(22U, error_of(told(first)));
    internet.advance(500ms);
    CHECK(forwarder->status().reachability == Reachability::State::there);
    is_address(told_at_once("www.example"), 1);
}

TEST(Forwarder, a_link_that_is_slow_is_not_away) {
    internet.servers[1] = Internet::knowing({a("a.example"), a("b.example")});
    internet.distances[1] = 1900ms;
    is_address(look_up("a.example"), 1);
    internet.distances[1] = 3500ms;
    auto const waiting = start("b.example");
    internet.advance(3500ms);
    is_address(told(waiting), 1);
}

TEST(Forwarder, one_name_of_which_nothing_is_heard_is_no_internet_that_is_away) {
    internet.servers[1] = [knows = Internet::knowing({})](Message const& query,
                                                          Way way) -> std::optional<Internet::Outcome> {
        if (query.questions.at(0).name == name("dead.example")) return std::nullopt;
        return knows(query, way);
    };
    auto const waiting = start("dead.example");
    internet.advance(Forwarder::deadline - 10ms);
    CHECK_FALSE(waiting.done());
    CHECK(forwarder->status().reachability == Reachability::State::there);
    internet.advance(10ms);
    CHECK(told(waiting).code == ResponseCode::server_failure);
    CHECK(internet.real_questions().size() <= Forwarder::most_attempts);
    CHECK(told_at_once("dead.example").code == ResponseCode::server_failure); // RFC 9520
    CHECK(known("www.example") == nullptr);
}

TEST(Forwarder, knows_at_once_that_there_is_no_way_out) {
    begin(options({1, 2}));
    internet.servers[1] = Internet::failing(std::errc::network_unreachable);
    internet.servers[2] = Internet::failing(std::errc::address_not_available);
    auto const waiting = start("www.example");
    CHECK_EQUAL(23U, error_of(told(waiting)));
    CHECK_EQUAL(23U, error_of(told_at_once("other.example")));
    internet.servers[1] = Internet::knowing({a("www.example")});
    internet.advance(1h);
    internet.servers[1] = Internet::failing(std::errc::network_unreachable);
    CHECK(forwarder->status().reachability == Reachability::State::there);
}

TEST(Forwarder, a_server_that_is_not_there_is_passed_over) {
    begin(options({1, 2}));
    internet.servers[1] = Internet::failing(std::errc::connection_refused);
    internet.servers[2] = Internet::knowing({a("www.example")});
    auto const waiting = start("www.example");
    internet.advance(10ms);
    is_address(told(waiting), 1);
    auto const status = forwarder->status();
    CHECK_EQUAL("192.0.2.53#2"s, status.servers.front().written);
    CHECK_EQUAL(""s, status.servers.front().trouble);
    CHECK_EQUAL("cannot be asked"s, status.servers.back().trouble);
}

TEST(Forwarder, servers_that_are_all_not_there_are_as_good_as_away) {
    internet.servers[1] = Internet::knowing({a("www.example", {192, 0, 2, 7}, 60)});
    (void)look_up("www.example");
    internet.advance(60s);
    internet.servers[1] = Internet::failing(std::errc::connection_refused);
    is_address(told(start("www.example")), 7);
    CHECK_EQUAL(22U, error_of(told(start("other.example"))));
    CHECK_EQUAL(22U, error_of(told_at_once("third.example")));
    internet.servers[1] = Internet::knowing({a("www.example", {192, 0, 2, 8})});
    internet.advance(Reachability::first_probe * 2);
    CHECK(known("www.example") == nullptr);
    is_address(look_up("www.example"), 8);
}

TEST(Forwarder, looks_at_once_whether_somebody_is_there_when_the_network_changed) {
    internet.servers[1] = Internet::failing(std::errc::network_unreachable);
    (void)start("www.example");
    internet.advance(1h);
    CHECK_EQUAL(23U, error_of(told_at_once("www.example")));
    internet.servers[1] = Internet::knowing({a("www.example")});
    forwarder->network_changed();
    internet.advance(10ms);
    is_address(look_up("www.example"), 1);
}

// RFC 8767
TEST(Forwarder, gives_out_what_is_over_at_once_while_the_internet_is_away) {
    internet.servers[1] = Internet::knowing({a("www.example", {192, 0, 2, 7}, 60)});
    (void)look_up("www.example");
    internet.servers[1] = {};
    (void)look_up("other.example"); // and finds that it is away
    internet.advance(24h);
    auto const stale = told_at_once("www.example");
    is_address(stale, 7);
    LONGS_EQUAL(30, stale.answers.front().ttl.count());
    CHECK_EQUAL(3U, error_of(stale));
    CHECK_EQUAL(1U, forwarder->status().stale);
    internet.advance(Cache::stale_span);
    CHECK(told_at_once("www.example").code == ResponseCode::server_failure);
}

TEST(Forwarder, gives_out_what_is_over_where_asking_takes_long_and_goes_on_asking) {
    internet.servers[1] = Internet::knowing({a("www.example", {192, 0, 2, 7}, 60)});
    (void)look_up("www.example");
    internet.advance(60s);
    internet.servers[1] = Internet::knowing({a("www.example", {192, 0, 2, 8}, 60)});
    internet.distances[1] = 1900ms;
    CHECK(known("www.example") == nullptr);
    auto const waiting = start("www.example");
    internet.advance(Forwarder::client_response_time - 10ms);
    CHECK_FALSE(waiting.done());
    internet.advance(10ms);
    is_address(told(waiting), 7);
    internet.advance(1s);
    is_address(told_at_once("www.example"), 8);
}

TEST(Forwarder, gives_out_what_is_over_where_servers_fail_or_say_what_they_cannot_know) {
    internet.servers[1] = Internet::knowing({a("www.example", {192, 0, 2, 7}, 60)});
    (void)look_up("www.example");
    internet.advance(60s);
    for (auto const code : {ResponseCode::server_failure, ResponseCode::name_error}) {
        internet.servers[1] = Internet::saying(code);
        is_address(look_up("www.example"), 7);
        auto const asked = internet.questions.size();
        is_address(told_at_once("www.example"), 7); // and lets it rest
        LONGS_EQUAL(asked, internet.questions.size());
        internet.advance(Cache::stale_recheck);
        CHECK(known("www.example") == nullptr);
    }
    // A router that is offline says it of everything, and is not remembered for it.
    CHECK(look_up("other.example").code == ResponseCode::name_error);
    CHECK(known("other.example") == nullptr);
}

TEST(Forwarder, does_not_give_out_what_is_over_of_what_is_forged_now) {
    internet.servers[1] = Internet::knowing({a("www.example", {192, 0, 2, 7}, 60)});
    (void)look_up("www.example");
    internet.advance(60s);
    internet.servers[1] = [](Message const& query, Way) -> std::optional<Internet::Outcome> {
        auto reply = Internet::reply_to(query, {}, {}, ResponseCode::server_failure);
        reply.edns->errors = {{7, ""}};
        return reply;
    };
    CHECK(look_up("www.example").code == ResponseCode::server_failure);
}

TEST(Forwarder, asks_for_what_is_popular_before_it_is_over) {
    internet.servers[1] = Internet::knowing({a("www.example", {192, 0, 2, 7}, 100)});
    (void)look_up("www.example");
    for (int i = 0; i < 3; ++i) is_address(told_at_once("www.example"), 7);
    internet.servers[1] = Internet::knowing({a("www.example", {192, 0, 2, 8}, 100)});
    internet.advance(86s);
    is_address(told_at_once("www.example"), 7);
    internet.advance(10ms);
    is_address(told_at_once("www.example"), 8);
    LONGS_EQUAL(2, internet.questions.size());
}

// RFC 2181 §9
TEST(Forwarder, asks_by_TCP_for_what_was_truncated) {
    internet.servers[1] = [knows = Internet::knowing({a("www.example")})](Message const& query, Way way) {
        auto reply = knows(query, way);
        if (way == Way::udp) {
            (*reply)->truncated = true;
            (*reply)->answers.clear();
        }
        return reply;
    };
    is_address(look_up("www.example"), 1);
    CHECK(internet.questions.back().way == Way::tcp);
}

// draft-vixie-dnsext-dns0x20
TEST(Forwarder, asks_again_where_the_case_of_letters_was_lost_and_remembers_who_loses_it) {
    auto const mangling = [](bool by_tcp) {
        return [by_tcp](Message const& query, Way way) -> std::optional<Internet::Outcome> {
            if (way == Way::tcp && !by_tcp)
                return std::unexpected(net::DnsFailure{std::make_error_code(std::errc::connection_refused), ""});
            auto reply = Internet::reply_to(query, {a("a-long-enough-name.example")});
            reply.questions.front().name = name("a-long-enough-name.example");
            return reply;
        };
    };
    for (bool const by_tcp : {true, false}) {
        begin(options({1}));
        internet.questions.clear();
        internet.servers[1] = mangling(by_tcp);
        is_address(look_up("a-long-enough-name.example"), 1);
        LONGS_EQUAL(by_tcp ? 2 : 3, internet.questions.size());
        CHECK(internet.questions[1].way == Way::tcp);
        CHECK_EQUAL("a-long-enough-name.example"s,
                    std::string(by_tcp ? "a-long-enough-name.example"
                                       : internet.questions.back().query.questions.at(0).name.text()));
        internet.advance(Cache::longest);
        internet.questions.clear();
        (void)look_up("a-long-enough-name.example", Type::txt);
        (void)look_up("a-long-enough-name.example", Type::mx);
        CHECK_EQUAL("a-long-enough-name.example"s, internet.questions.back().query.questions.at(0).name.text());
    }
}

// RFC 6891 §7
TEST(Forwarder, does_without_EDNS_where_a_server_does_not_know_it_and_remembers_that) {
    internet.servers[1] = [knows = Internet::knowing({a("www.example")})](Message const& query, Way way) {
        if (query.edns)
            return std::optional<Internet::Outcome>(Internet::reply_to(query, {}, {}, ResponseCode::format_error));
        return knows(query, way);
    };
    is_address(look_up("www.example"), 1);
    LONGS_EQUAL(2, internet.questions.size());
    (void)look_up("ftp.example");
    LONGS_EQUAL(3, internet.questions.size());
}

TEST(Forwarder, withholds_what_leads_inside_but_for_private_domains) {
    internet.servers[1] =
        Internet::knowing({a("www.evil.example", {192, 168, 1, 1}), a("nas.home.example", {10, 0, 0, 1})});
    auto with = options({1});
    with.private_domains = {name("home.example")};
    begin(std::move(with));
    auto const withheld = look_up("www.evil.example");
    CHECK(withheld.code == ResponseCode::no_error && withheld.answers.empty());
    CHECK_EQUAL(17U, error_of(withheld));
    CHECK_EQUAL(17U, error_of(told_at_once("www.evil.example")));
    LONGS_EQUAL(1, look_up("nas.home.example").answers.size());
}

// RFC 8020
TEST(Forwarder, knows_that_nothing_is_below_what_does_not_exist) {
    internet.servers[1] = Internet::knowing({a("www.example")});
    CHECK(look_up("gone.example").code == ResponseCode::name_error);
    CHECK(told_at_once("www.gone.example", Type::mx).code == ResponseCode::name_error);
    LONGS_EQUAL(1, internet.questions.size());
}

TEST(Forwarder, asks_those_of_resolv_conf_unless_the_administrator_names_some_and_never_itself) {
    std::ofstream(resolv_conf) << "nameserver 127.0.0.1\nnameserver 192.0.2.1\n";
    internet.servers[53] = Internet::knowing({a("www.example", {192, 0, 2, 7}, 60)});
    begin({});
    LONGS_EQUAL(1, forwarder->status().servers.size());
    is_address(look_up("www.example"), 7);
    // It is another link now, where nobody may be known yet: what was known remains.
    std::ofstream(resolv_conf) << "nameserver 127.0.0.1\n";
    internet.advance(60s);
    is_address(told(start("www.example")), 7);
    CHECK_EQUAL(23U, error_of(told(start("other.example"))));
    std::ofstream(resolv_conf) << "nameserver 192.0.2.1\nnameserver 192.0.2.2\n";
    internet.advance(1s);
    is_address(look_up("www.example"), 7);
    LONGS_EQUAL(2, forwarder->status().servers.size());
    // Whom the administrator names may say something else.
    forwarder->set_options(options({1}));
    internet.servers[1] = Internet::knowing({a("www.example", {192, 0, 2, 8})});
    is_address(look_up("www.example"), 8);
    auto at_home = options({1});
    at_home.servers = {{"127.0.0.1", 53}, {"127.0.0.1", 5353}};
    forwarder->set_options(at_home);
    LONGS_EQUAL(1, forwarder->status().servers.size());
}

TEST(Forwarder, has_a_bound_of_what_is_out_at_a_time) {
    internet.servers[1] = Internet::knowing({});
    internet.distances[1] = 100ms;
    std::vector<Waiting> waiting;
    for (std::size_t i = 0; i < Forwarder::most_questions; ++i) waiting.push_back(start(std::format("{}.example", i)));
    auto const beyond = start("beyond.example");
    CHECK(told(beyond).code == ResponseCode::server_failure);
    CHECK_FALSE(start("0.example").done()); // that is out already
    internet.advance(100ms);
    for (auto const& one : waiting) CHECK(told(one).code == ResponseCode::name_error);
    CHECK(look_up("beyond.example").code == ResponseCode::name_error);
}

} // namespace postern::dns::testing
