#include "relay/exchangers.h"
#include "sending_office.h"

using namespace postern;
using namespace postern::test;

TEST_GROUP_BASE(Direct, SendingOffice) {
    using Failure = net::LookUpFailure;

    void setup() override {
        SendingOffice::setup();
        send_directly();
        net.offers = {"PIPELINING"};
    }
    void unknown(std::string const& domain, Failure failure) {
        net.exchangers.emplace(domain, std::unexpected(net::LookUpError{failure, "so it is"}));
    }
    std::size_t dials(std::string_view host) { return static_cast<std::size_t>(std::ranges::count(net.dialled, host)); }
};

TEST(Direct, mail_goes_to_each_domains_own_server) {
    queue({.to = {"carol@example.org", "dave@example.com", "erin@example.org"}});
    queue({.to = {"frank@example.com"}});
    start();
    until_sent(3);
    CHECK(items().empty());
    UNSIGNED_LONGS_EQUAL(1, dials("mx.example.org"));
    UNSIGNED_LONGS_EQUAL(1, dials("mx.example.com"));
    auto const both = std::ranges::find(net.received, 2U, [](auto const& one) { return one.rcpt.size(); });
    CHECK(both != net.received.end());
}

TEST(Direct, an_address_literal_is_where_it_goes) {
    queue({.to = {"carol@[192.0.2.1]"}});
    queue({.to = {"dave@[IPv6:2001:db8::1]"}});
    start();
    until_sent(2);
    UNSIGNED_LONGS_EQUAL(1, dials("192.0.2.1"));
    UNSIGNED_LONGS_EQUAL(1, dials("2001:db8::1"));
}

TEST(Direct, the_next_server_takes_over_where_one_does_not_answer) {
    net.exchangers.emplace("example.org",
                           std::vector<net::MailExchanger>{{10, "first.example"}, {20, "second.example"}});
    net.down.insert("first.example");
    queue({});
    start();
    until_sent(1);
    STRCMP_EQUAL("first.example", net.dialled.at(0).c_str());
    STRCMP_EQUAL("second.example", net.dialled.at(1).c_str());
}

// RFC 5321 §5.1: without MX it is its own server.
TEST(Direct, a_domain_that_has_no_server_is_told_and_one_whose_server_is_down_is_not) {
    for (auto const* domain : {"bare.example", "down.example"}) {
        net.exchangers.emplace(domain, std::vector<net::MailExchanger>{{0, domain}});
        net.down.insert(domain);
    }
    net.without_address.insert("bare.example");
    queue({.to = {"carol@bare.example"}});
    queue({.to = {"dave@down.example"}});
    start();
    run_until([&] { return inbox().size() == 1; });
    settle();
    STRCMP_CONTAINS("Status: 5.1.2", inbox()[0].c_str());
    STRCMP_CONTAINS("carol@bare.example", inbox()[0].c_str());
    UNSIGNED_LONGS_EQUAL(1, items().size());
}

TEST(Direct, a_domain_that_there_is_not_or_that_takes_no_mail_is_told) {
    unknown("nowhere.example", Failure::no_such_name);
    unknown("silent.example", Failure::no_mail);
    queue({.to = {"carol@nowhere.example"}});
    queue({.to = {"dave@silent.example"}});
    start();
    run_until([&] { return inbox().size() == 2; });
    settle();
    auto const all = inbox().at(0) + inbox().at(1);
    STRCMP_CONTAINS("5.1.2", all.c_str());
    STRCMP_CONTAINS("5.1.10", all.c_str());
    CHECK(items().empty());
}

TEST(Direct, while_no_name_server_answers_nothing_is_returned_and_nothing_counts) {
    net.reachable = false;
    unknown("nowhere.example", Failure::no_such_name);
    queue({.to = {"carol@nowhere.example"}});
    queue({});
    start();
    settle();
    advance(240h);
    CHECK(inbox().empty());
    CHECK(status("provider")->state == policy::LinkState::down ||
          status("provider")->state == policy::LinkState::probing);
    for (auto const& item : items()) UNSIGNED_LONGS_EQUAL(0, item.attempts);
    net.reachable = true;
    advance(1h);
    until_sent(1);
    run_until([&] { return inbox().size() == 1; });
}

// As a router does that is offline.
TEST(Direct, while_a_name_server_denies_all_names_nothing_is_returned_and_nothing_counts) {
    net.denies_all = true;
    queue({});
    start();
    settle();
    advance(240h);
    CHECK(inbox().empty());
    UNSIGNED_LONGS_EQUAL(0, items().at(0).attempts);
    CHECK(net.dialled.empty());
    net.denies_all = false;
    advance(1h);
    until_sent(1);
}

TEST(Direct, a_server_that_does_not_answer_is_its_domains_fault_while_others_do) {
    net.down.insert("mx.example.org");
    queue({});
    queue({.to = {"dave@example.com"}});
    start();
    until_sent(1);
    run_until([&] { return items().size() == 1 && items().at(0).attempts == 1; });
    settle();
    STRCMP_CONTAINS("does not answer", items().at(0).last_reply.c_str());
    CHECK(status("provider")->state == policy::LinkState::usable);
    STRCMP_CONTAINS("does not answer", describe(dispatcher->standing(items().at(0))).c_str());
    // It is tried again in its time, and returned in the end.
    net.down.clear();
    advance(5min);
    until_sent(2);
}

TEST(Direct, a_dead_domain_is_told_from_a_dead_internet_though_there_is_no_other_mail) {
    net.down.insert("mx.example.org");
    queue({});
    start();
    run_until([&] { return items().at(0).attempts == 1; });
    settle();
    CHECK(status("provider")->state == policy::LinkState::usable);
}

TEST(Direct, a_dead_internet_is_found_out_when_a_server_does_not_answer) {
    queue({});
    start();
    until_sent(1);
    advance(10min);
    net.reachable = false;
    queue({.to = {"dave@example.com"}});
    settle();
    CHECK(status("provider")->state == policy::LinkState::failing);
    UNSIGNED_LONGS_EQUAL(0, items().at(0).attempts);
}

TEST(Direct, a_server_that_refuses_us_at_the_door_is_tried_again_and_the_others_are_not_held_up) {
    net.answer = [&](std::string_view command) -> std::optional<std::string> {
        if (command == "greeting" && net.dialled.back() == "mx.example.org")
            return "554 5.7.1 Your address is on a list";
        return std::nullopt;
    };
    queue({});
    queue({.to = {"dave@example.com"}});
    start();
    until_sent(1);
    run_until([&] { return items().size() == 1 && items().at(0).attempts == 1; });
    STRCMP_CONTAINS("on a list", items().at(0).last_reply.c_str());
    CHECK(inbox().empty());
}

TEST(Direct, a_server_that_ends_every_connection_is_not_asked_again_and_again) {
    net.answer_with("MAIL", "cut");
    for (int i = 0; i < 5; ++i) queue({});
    start();
    settle();
    settle();
    CHECK(dials("mx.example.org") <= 2);
    UNSIGNED_LONGS_EQUAL(5, items().size());
    net.answer = nullptr;
    advance(5min);
    until_sent(5);
}

TEST(Direct, mail_goes_to_many_domains_side_by_side_but_not_to_all_at_once) {
    net.answer_with("content", "silence");
    for (unsigned i = 0; i < 20; ++i) queue({.to = {std::format("carol@d{}.example", i)}});
    start();
    settle();
    settle();
    CHECK(net.connections() >= 2 && net.connections() <= 8);
}

TEST(Direct, a_handshake_that_fails_is_no_worse_than_none) {
    net.offers.emplace_back("STARTTLS");
    net.answer_with("STARTTLS", "220 Go ahead");
    queue({});
    start();
    net.breaks_tls = true;
    until_sent(1);
    UNSIGNED_LONGS_EQUAL(2, dials("mx.example.org"));
}

TEST(Direct, a_test_names_a_server_of_the_domain) {
    start();
    using Tested = std::expected<std::string, relay::OpenFailure>;
    auto const tried = ask<Tested>([&] { return dispatcher->test("provider", "example.org"); });
    CHECK(tried.has_value());
    STRCMP_EQUAL("mx.example.org", net.dialled.at(0).c_str());
    unknown("nowhere.example", Failure::no_such_name);
    auto const missed = ask<Tested>([&] { return dispatcher->test("provider", "nowhere.example"); });
    STRCMP_EQUAL("nowhere.example: so it is", missed.error().reason.c_str());
}
