// Mail that a provider's server keeps for us, and brings when it is asked: by ATRN on the same connection, or by ETRN.
#include "core/log.h"
#include "fetch/fetcher.h"
#include "store/check.h"
#include "store/fetches.h"
#include "support/memory_end.h"
#include "support/office_fixture.h"
#include "support/office_loop.h"
#include "support/stored_mail.h"
#include "text/ascii.h"

#include <boost/asio/co_spawn.hpp>

#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <format>
#include <functional>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace turn_test {

using namespace postern;
using namespace std::chrono_literals;
using fetch::Fetcher;
using store::FetchProtocol;
using test::OfficeFixture;

namespace {

constexpr std::size_t uncut = std::numeric_limits<std::size_t>::max();

std::string numbered(int number) {
    return std::format("From: carol@example.org\r\nSubject: number {0}\r\nMessage-ID: <{0}@example.org>\r\n\r\n{0}\r\n",
                       number);
}

// The server: after ATRN it plays the client until it has no more mail.
class Keeper final : public net::Dialer {
public:
    explicit Keeper(boost::asio::io_context& io) : io_(io) {}

    std::vector<std::string> mail;
    std::string recipient = "alice@office.lan";
    std::vector<std::string> offers{"AUTH PLAIN LOGIN", "ATRN", "ETRN"};
    std::map<std::string, std::string> answers; // by verb; "": the greeting
    bool reachable = true;
    bool says_quit = true;
    std::size_t cut_after = uncut; // octets that a connection says

    std::vector<std::string> commands; // that we heard as a server
    std::vector<std::string> replies;  // that we heard as the client
    std::size_t dialled = 0;

    boost::asio::awaitable<std::expected<net::Dialed, std::string>> dial(std::string host, std::uint16_t port,
                                                                         std::chrono::seconds) override {
        ++dialled;
        if (!reachable) co_return std::unexpected(host + ": it does not answer");
        Call& call = calls_.emplace_back();
        call.stream = std::make_shared<net::MemoryStream>(io_.get_executor());
        auto const stream = call.stream;
        say(call, answers.contains("") ? answers[""] : "220 odmr.example.net ready");
        co_return net::Dialed{std::make_unique<test::MemoryEnd>(stream), {"192.0.2.25", port, "192.168.1.2", 40000}};
    }

    bool answer_all() {
        bool any = false;
        for (Call& call : calls_) {
            auto const said = call.stream->take_output();
            any = any || !said.empty();
            call.input += said;
            for (auto end = call.input.find("\r\n"); end != std::string::npos && !call.over;
                 end = call.input.find("\r\n")) {
                auto const line = call.input.substr(0, end);
                call.input.erase(0, end + 2);
                call.turned ? take_reply(call, line) : take_command(call, line);
            }
        }
        std::erase_if(calls_, [](Call const& call) { return call.over; });
        return any;
    }

private:
    struct Call {
        std::shared_ptr<net::MemoryStream> stream;
        std::string input;
        std::size_t said = 0;
        bool turned = false;
        bool over = false;
        std::string last; // what was said last as the client
    };

    void say(Call& call, std::string const& line) {
        auto const octets = (line + "\r\n").substr(0, cut_after - call.said);
        call.stream->feed(octets);
        call.said += octets.size();
        call.last = line;
        if (octets.size() < line.size() + 2) end(call);
    }
    static void end(Call& call) {
        call.stream->feed_end();
        call.over = true;
    }

    void take_command(Call& call, std::string const& line) {
        commands.push_back(line);
        auto const verb = text::upper(line.substr(0, line.find(' ')));
        if (answers.contains(verb)) return say(call, answers[verb]);
        if (verb == "EHLO") {
            std::string all = "250-odmr.example.net";
            for (auto const& one : offers) all += "\r\n250-" + one;
            say(call, all + "\r\n250 HELP");
        } else if (verb == "AUTH") {
            say(call, "235 2.7.0 welcome");
        } else if (verb == "ETRN") {
            say(call, "250 started");
        } else if (verb == "ATRN" && mail.empty()) {
            say(call, "453 You have no mail");
        } else if (verb == "ATRN") {
            say(call, "250 OK now reversing the connection");
            call.turned = true;
        } else if (verb == "QUIT") {
            say(call, "221 goodbye");
            end(call);
        } else {
            say(call, "502 not implemented");
        }
    }

    void take_reply(Call& call, std::string const& line) {
        replies.push_back(line);
        if (line.size() > 3 && line[3] == '-') return;
        bool const accepted = call.last.ends_with("\r\n.") && line.starts_with("250");
        if (accepted) mail.erase(mail.begin());
        if (line.starts_with("220")) return say(call, "EHLO odmr.example.net");
        if (call.last.starts_with("EHLO") || accepted) {
            if (!mail.empty()) return say(call, "MAIL FROM:<carol@example.org>");
            return says_quit ? say(call, "QUIT") : end(call);
        }
        if (call.last.starts_with("MAIL")) return say(call, std::format("RCPT TO:<{}>", recipient));
        if (call.last.starts_with("RCPT") && line.starts_with("250")) return say(call, "DATA");
        if (call.last.starts_with("RCPT")) return say(call, "QUIT");
        if (line.starts_with("354")) return say(call, mail.front() + ".");
        end(call);
    }

    boost::asio::io_context& io_;
    std::list<Call> calls_;
};

} // namespace

// clang-format off
TEST_GROUP(Turn) {
    // Gone after the context on which its coroutines are.
    std::unique_ptr<Fetcher> fetcher;
    OfficeFixture fixture{1};
    Keeper net{fixture.io};
    store::FetchSource source;

    void setup() override {
        core::set_log_level(static_cast<core::Level>(0));
        source.name = "keeper";
        source.protocol = FetchProtocol::atrn;
        source.host = "odmr.example.net";
        source.port = 366;
        source.security = store::RelaySecurity::plain;
        source.login = "office";
        source.password = core::Secret(std::string_view("secret"));
        source.mailbox.clear();
    }
    void teardown() override {
        auto const report = store::check(fixture.store(), true);
        CHECK(report && report->problems.empty());
    }
    void start() {
        CHECK(fixture.store().write_here([&](store::WriteTransaction& t) {
            return store::set_fetch_source(t, source); }).has_value());
        fetcher = std::make_unique<Fetcher>(fixture.office, net, fixture.memory, fixture.io.get_executor());
        CHECK(fetcher->sources_changed().has_value());
        settle();
    }
    void settle() { test::settle(fixture, net); }
    void look() { // the network changed, an hour later
        fixture.clock.advance(1h);
        fetcher->network_changed();
        settle();
    }
    std::vector<std::string> inbox() { return test::inbox(fixture, fixture.alice); }
    bool heard(std::string_view command) { return std::ranges::contains(net.commands, command); }
    bool replied(std::string_view beginning) {
        return std::ranges::any_of(net.replies, [&](auto const& one) { return one.starts_with(beginning); });
    }
    fetch::SourceStatus status() { return fetcher->status().front(); }
    std::string try_it() {
        std::string result;
        bool over = false;
        boost::asio::co_spawn(fixture.io, fetcher->test("keeper"), [&](std::exception_ptr, auto tried) {
            result = tried ? *tried : "failed: " + tried.error().reason;
            over = true;
        });
        test::run_until(fixture, net, [&] { return over; });
        return result;
    }
};
// clang-format on

// RFC 2645 §6
TEST(Turn, mail_that_was_kept_comes_on_the_connection_on_which_it_was_asked_for) {
    net.mail = {numbered(1), numbered(2)};
    start();
    CHECK(heard("ATRN office.lan"));
    UNSIGNED_LONGS_EQUAL(2, inbox().size());
    auto const mail = inbox().front();
    STRCMP_CONTAINS("Return-Path: <carol@example.org>\r\nReceived: from odmr.example.net ([192.0.2.25])\r\n",
                    mail.c_str());
    CHECK(mail.ends_with(numbered(1)));
    CHECK(replied("220 mail.office.lan"));
    CHECK(replied("221"));
    CHECK(net.mail.empty());
    UNSIGNED_LONGS_EQUAL(1, net.dialled);
    UNSIGNED_LONGS_EQUAL(2, status().fetched);
    STRCMP_EQUAL("", status().trouble.c_str());
    CHECK(!heard("QUIT")); // it is the other side's to say
}

TEST(Turn, no_mail_is_no_trouble_and_is_asked_for_again_at_the_interval) {
    source.mailbox = "example.org,example.com";
    start();
    CHECK(heard("ATRN example.org,example.com"));
    CHECK(heard("QUIT"));
    STRCMP_EQUAL("", status().trouble.c_str());
    CHECK(status().state == policy::LinkState::usable);
    fixture.clock.advance(299s);
    fetcher->settings_changed();
    settle();
    UNSIGNED_LONGS_EQUAL(1, net.dialled);
    net.mail = {numbered(1)};
    fixture.clock.advance(1s);
    fetcher->settings_changed();
    settle();
    UNSIGNED_LONGS_EQUAL(1, inbox().size());
}

TEST(Turn, what_was_kept_while_we_were_away_is_asked_for_when_the_link_is_there_again) {
    start();
    net.mail = {numbered(1)};
    fixture.clock.advance(31s);
    fetcher->network_changed();
    settle();
    UNSIGNED_LONGS_EQUAL(1, inbox().size());
    auto const dialled = net.dialled;
    for (int i = 0; i < 5; ++i) fetcher->network_changed(); // it is not asked each time
    settle();
    UNSIGNED_LONGS_EQUAL(dialled, net.dialled);
}

// What was not acknowledged comes again, and what was does not.
TEST(Turn, cut_anywhere_each_message_comes_once) {
    for (std::size_t cut = 0; cut < 900; cut += 7) {
        net.mail = {numbered(1), numbered(2), numbered(3)};
        net.cut_after = cut;
        auto const before = inbox().size();
        if (!fetcher)
            start();
        else
            look();
        net.cut_after = uncut;
        look();
        UNSIGNED_LONGS_EQUAL_TEXT(before + 3, inbox().size(), std::format("cut after {}", cut).c_str());
        CHECK(net.mail.empty());
    }
}

TEST(Turn, a_server_that_goes_without_a_word_is_asked_again_soon) {
    net.mail = {numbered(1)};
    net.says_quit = false;
    start();
    UNSIGNED_LONGS_EQUAL(1, inbox().size());
    STRCMP_CONTAINS("ended before it said", status().trouble.c_str());
    fixture.clock.advance(10s); // sooner than at the interval
    fetcher->settings_changed();
    settle();
    STRCMP_EQUAL("", status().trouble.c_str());
    UNSIGNED_LONGS_EQUAL(2, net.dialled);
}

TEST(Turn, it_relays_nothing_by_us) {
    net.mail = {numbered(1)};
    net.recipient = "dave@elsewhere.example";
    start();
    CHECK(replied("550 5.7.1"));
    CHECK(inbox().empty());
    CHECK(test::queue(fixture).empty());
}

TEST(Turn, it_may_not_log_in_and_starts_no_queue) {
    fixture.office.start_queue = [](std::string const&, bool) { return office::QueueStart::started; };
    net.mail = {numbered(1)};
    start();
    CHECK(!std::ranges::any_of(net.replies,
                               [](auto const& one) { return one.contains("ETRN") || one.contains("AUTH"); }));
    UNSIGNED_LONGS_EQUAL(1, inbox().size());
}

TEST(Turn, why_there_is_none_is_told) {
    struct Row {
        std::string verb, answer, trouble;
        bool again_soon;
    };
    Row const rows[] = {{"ATRN", "450 not yours", "answered ATRN: 450 not yours", false},
                        {"ATRN", "451 not now", "answered ATRN: 451 not now", true},
                        {"ATRN", "530 log in", "answered ATRN: 530 log in", false},
                        {"ATRN", "502 what", "answered ATRN: 502 what", false},
                        {"AUTH", "535 5.7.8 wrong", "answered our login: 535 5.7.8 wrong", false},
                        {"AUTH", "454 4.7.0 later", "answered our login: 454 4.7.0 later", true},
                        {"EHLO", "554 no", "answered EHLO: 554 no", false},
                        {"", "421 busy", "answered our connection: 421 busy", true},
                        {"", "HTTP/1.1 400", "what it says is not SMTP", false}};
    for (Row const& row : rows) {
        net.answers = {{row.verb, row.answer}};
        net.dialled = 0;
        start();
        STRCMP_CONTAINS(row.trouble.c_str(), status().trouble.c_str());
        fixture.clock.advance(60s);
        fetcher->settings_changed();
        settle();
        UNSIGNED_LONGS_EQUAL_TEXT(row.again_soon ? 2 : 1, net.dialled, row.answer.c_str());
        fixture.clock.advance(1h);
    }
}

TEST(Turn, without_a_login_atrn_is_not_tried) {
    source.login.clear();
    start();
    UNSIGNED_LONGS_EQUAL(0, net.dialled);
    STRCMP_CONTAINS("no login", status().trouble.c_str());
}

// RFC 1985
TEST(Turn, a_server_is_told_that_we_are_there_for_each_domain) {
    source.protocol = FetchProtocol::etrn;
    source.port = 25;
    source.login.clear();
    source.mailbox = "example.org,example.com";
    start();
    CHECK((net.commands ==
           std::vector<std::string>{"EHLO mail.office.lan", "ETRN example.org", "ETRN example.com", "QUIT"}));
    STRCMP_EQUAL("", status().trouble.c_str());
    STRCMP_EQUAL("192.0.2.25 port 25, without TLS, not logged in, it knows ETRN", try_it().c_str());
}

TEST(Turn, what_a_server_says_to_etrn_is_told) {
    source.protocol = FetchProtocol::etrn;
    for (auto const& [answer, trouble] : {std::pair<std::string, std::string>{"250 OK", ""},
                                          {"251 nothing waits", ""},
                                          {"252 pending", ""},
                                          {"253 2 pending", ""},
                                          {"458 unable", "answered ETRN: 458 unable"},
                                          {"459 not you", "answered ETRN: 459 not you"},
                                          {"500 what", "answered ETRN: 500 what"}}) {
        net.answers = {{"ETRN", answer}};
        start();
        STRCMP_CONTAINS(trouble.c_str(), status().trouble.c_str());
        LONGS_EQUAL(trouble.empty(), status().trouble.empty());
        CHECK((status().state == policy::LinkState::usable) == trouble.empty());
    }
}

TEST(Turn, a_link_that_may_not_be_used_is_not) {
    CHECK(fixture.set("link.schedule", "sun 01:00-02:00").has_value());
    net.mail = {numbered(1)};
    start();
    UNSIGNED_LONGS_EQUAL(0, net.dialled);
}

} // namespace turn_test
