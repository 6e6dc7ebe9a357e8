#include "sending_office.h"
#include "store/check.h"
#include "store/lmdb.h"
#include "store/schema.h"

using namespace postern;
using namespace postern::test;

TEST_GROUP_BASE(Dispatcher, SendingOffice){};

TEST(Dispatcher, sends_what_waits_and_forgets_it) {
    queue({});
    start();
    until_sent(1);
    STRCMP_CONTAINS("MAIL FROM:<alice@office.lan>", net.received[0].mail.c_str());
    STRCMP_CONTAINS("RCPT TO:<carol@example.org>", net.received[0].rcpt.at(0).c_str());
    STRCMP_EQUAL(std::string(hello).c_str(), net.received[0].content.c_str()); // without Return-Path
    CHECK(items().empty());
    CHECK(store::check(fixture.store(), true)->problems.empty());
}

TEST(Dispatcher, sends_what_comes_later_on_the_same_connection) {
    start();
    queue({});
    until_sent(1);
    queue({});
    until_sent(2);
    UNSIGNED_LONGS_EQUAL(1, net.dialled.size());
}

TEST(Dispatcher, a_message_after_one_that_was_refused_begins_anew_on_the_same_connection) {
    for (bool const chunking : {true, false}) {
        for (bool const pipelining : {true, false}) {
            net.offers.clear();
            if (chunking) net.offers.push_back("CHUNKING");
            if (pipelining) net.offers.push_back("PIPELINING");
            add_relay("provider"); // a new connection
            net.received.clear();
            net.dialled.clear();
            net.answer_with("RCPT TO:<refused@", "550 5.1.1 No such user");
            start();
            queue({.to = {"refused@example.org"}});
            run_until([&] { return items().empty(); });
            settle();
            queue({});
            until_sent(1);
            UNSIGNED_LONGS_EQUAL(1, net.dialled.size());
        }
    }
    UNSIGNED_LONGS_EQUAL(4, inbox().size()); // of those that were refused, and of no other
}

TEST(Dispatcher, a_relay_that_takes_few_messages_a_connection_gets_no_more) {
    net.offers = {"PIPELINING", "CHUNKING", "LIMITS MAILMAX=2"};
    for (int i = 0; i < 5; ++i) queue({});
    start();
    until_sent(5);
    UNSIGNED_LONGS_EQUAL(3, net.dialled.size());
    CHECK(items().empty());
}

// RFC 9422 §4.2
TEST(Dispatcher, a_relay_that_takes_few_recipients_a_message_gets_it_for_the_others_once_more) {
    net.offers = {"PIPELINING", "CHUNKING", "LIMITS RCPTMAX=2"};
    queue({}); // by which it is known
    start();
    until_sent(1);
    queue({.to = {"a@example.org", "b@example.org", "c@example.org", "d@example.org", "e@example.org"}});
    until_sent(4);
    CHECK(items().empty());
    UNSIGNED_LONGS_EQUAL(2, net.received[1].rcpt.size());
    UNSIGNED_LONGS_EQUAL(2, net.received[2].rcpt.size());
    UNSIGNED_LONGS_EQUAL(1, net.received[3].rcpt.size());
}

TEST(Dispatcher, a_message_that_cannot_be_read_keeps_no_other_and_is_returned_in_the_end) {
    queue({.to = {"damaged@example.org"}});
    auto const message = items().at(0).message;
    write([&](store::WriteTransaction& transaction) -> store::Result<bool> {
        store::erase_rows(transaction, store::Table::message, store::message_key(message, 1));
        return true;
    });
    queue({});
    start();
    until_sent(1);
    STRCMP_CONTAINS("carol", net.received[0].rcpt.at(0).c_str());
    run_until([&] { return items().at(0).attempts == 1; });
    for (int day = 0; day < 8 && !items().empty(); ++day) {
        auto const attempts = items().at(0).attempts;
        advance(24h);
        run_until([&] { return items().empty() || items().at(0).attempts > attempts; });
        settle();
    }
    CHECK(items().empty());
    STRCMP_CONTAINS("damaged@example.org", inbox().back().c_str());
    STRCMP_CONTAINS("Action: failed", inbox().back().c_str());
}

TEST(Dispatcher, recipients_of_a_message_go_together) {
    queue({.to = {"carol@example.org", "dave@example.com", "erin@example.org"}});
    start();
    until_sent(1);
    UNSIGNED_LONGS_EQUAL(3, net.received[0].rcpt.size());
    CHECK(items().empty());
}

TEST(Dispatcher, many_messages_go_without_waiting_for_each_answer) {
    for (int i = 0; i < 100; ++i) queue({});
    start();
    until_sent(100);
    UNSIGNED_LONGS_EQUAL(1, net.dialled.size());
    CHECK(items().empty());
}

TEST(Dispatcher, speaks_plain_smtp_where_nothing_is_offered) {
    net.offers = {};
    for (int i = 0; i < 3; ++i)
        queue({.to = {"carol@example.org", "dave@example.com"}, .content = std::string(hello) + ".dots\r\n..\r\n"});
    start();
    until_sent(3);
    STRCMP_EQUAL((std::string(hello) + ".dots\r\n..\r\n").c_str(), net.received[2].content.c_str());
    STRCMP_EQUAL("MAIL FROM:<alice@office.lan>", net.received[0].mail.c_str());
    CHECK(items().empty());
}

TEST(Dispatcher, a_large_message_goes_in_pieces_after_its_recipients_were_accepted) {
    std::string content(hello);
    while (content.size() < 1'000'000) content += std::format("line {}\r\n", content.size());
    for (bool const chunking : {true, false}) {
        net.offers =
            chunking ? std::vector<std::string>{"PIPELINING", "CHUNKING"} : std::vector<std::string>{"PIPELINING"};
        net.received.clear();
        queue({.to = {"carol@example.org", "nobody@example.org"}, .content = content});
        net.answer_with("RCPT TO:<nobody", "450 4.2.1 not now");
        if (chunking) start();
        until_sent(1);
        CHECK(net.received[0].content == content);
        UNSIGNED_LONGS_EQUAL(1, net.received[0].rcpt.size());
    }
}

TEST(Dispatcher, a_large_message_that_nobody_may_have_is_not_sent) {
    queue({.content = std::string(hello) + std::string(100'000, 'x')});
    queue({});
    net.answer_with("RCPT", "550 5.1.1 No such user");
    start();
    run_until([&] { return inbox().size() == 2; });
    CHECK(std::ranges::none_of(net.commands, [](auto const& one) { return one.starts_with("BDAT 100"); }));
}

TEST(Dispatcher, urgent_small_mail_goes_first_and_large_mail_last) {
    queue({.to = {"large@example.org"}, .content = std::string(hello) + std::string(200'000, 'x')});
    queue({.to = {"small@example.org"}});
    queue({.to = {"urgent@example.org"}, .urgency = core::Urgency::urgent});
    start();
    until_sent(3);
    STRCMP_CONTAINS("urgent", net.received[0].rcpt[0].c_str());
    STRCMP_CONTAINS("small", net.received[1].rcpt[0].c_str());
    STRCMP_CONTAINS("large", net.received[2].rcpt[0].c_str());
}

TEST(Dispatcher, small_mail_overtakes_a_large_message_that_is_under_way_by_a_second_connection) {
    queue({.to = {"large@example.org"}, .content = std::string(hello) + std::string(2'000'000, 'x')});
    net.answer_with("chunk", "silence");
    start();
    run_until(
        [&] { return std::ranges::any_of(net.commands, [](auto const& one) { return one.starts_with("BDAT"); }); });
    queue({.to = {"small@example.org"}});
    queue({.to = {"also-large@example.org"}, .content = std::string(hello) + std::string(2'000'000, 'x')});
    until_sent(1);
    STRCMP_CONTAINS("small", net.received[0].rcpt[0].c_str());
    UNSIGNED_LONGS_EQUAL(2, net.dialled.size());
    // The other large one waits for its turn.
    CHECK(std::ranges::none_of(net.commands, [](auto const& one) { return one.contains("also-large"); }));
}

TEST(Dispatcher, many_small_messages_for_a_relay_that_takes_one_after_the_other_go_by_four_connections) {
    net.offers = {"PIPELINING"};
    for (unsigned i = 0; i < 200; ++i) queue({});
    start();
    until_sent(200);
    CHECK(items().empty());
    UNSIGNED_LONGS_EQUAL(4, net.dialled.size());
}

TEST(Dispatcher, a_relay_that_takes_one_connection_has_its_link_usable_all_the_same) {
    net.offers = {"PIPELINING"};
    net.answer = [&](std::string_view command) -> std::optional<std::string> {
        if (command == "greeting" && net.dialled.size() > 1) return "421 4.7.0 Too many connections";
        return std::nullopt;
    };
    for (unsigned i = 0; i < 200; ++i) queue({});
    start();
    until_sent(200);
    UNSIGNED_LONGS_EQUAL(2, net.dialled.size()); // and asked no third time
    CHECK(status("provider")->state == policy::LinkState::usable);
    STRCMP_EQUAL("", status("provider")->trouble.c_str());
}

TEST(Dispatcher, a_refused_recipient_is_returned_and_the_others_have_it) {
    queue({.to = {"carol@example.org", "nobody@example.org"}});
    net.answer_with("RCPT TO:<nobody", "550 5.1.1 No such user");
    start();
    run_until([&] { return !inbox().empty(); });
    settle();
    UNSIGNED_LONGS_EQUAL(1, net.received.size());
    CHECK(items().empty());
    auto const notice = inbox().at(0);
    STRCMP_CONTAINS("Return-Path: <>", notice.c_str());
    STRCMP_CONTAINS("Final-Recipient: rfc822;nobody@example.org", notice.c_str());
    STRCMP_CONTAINS("Status: 5.1.1", notice.c_str());
    STRCMP_CONTAINS("No such user", notice.c_str());
    CHECK(!notice.contains("carol@example.org\r\nAction"));
}

TEST(Dispatcher, nobody_is_told_of_a_notice_that_was_refused_or_who_wants_to_hear_nothing) {
    queue({.from = ""});
    queue({.notify = "NEVER"});
    net.answer_with("RCPT", "550 5.1.1 No such user");
    start();
    run_until([&] { return items().empty(); });
    settle();
    CHECK(inbox().empty());
}

TEST(Dispatcher, what_is_refused_for_now_is_tried_again_when_its_time_has_come) {
    queue({});
    net.answer_with("content", "451 4.3.0 busy");
    start();
    run_until([&] { return items().at(0).attempts == 1; });
    settle();
    STRCMP_EQUAL("451 4.3.0 busy", items().at(0).last_reply.c_str());
    CHECK(!items().at(0).under_way);
    net.answer = nullptr;
    advance(60s);
    CHECK(net.received.empty());
    advance(120s);
    until_sent(1);
    CHECK(items().empty());
}

TEST(Dispatcher, its_sender_is_told_of_a_delay_once_and_in_the_end_it_is_returned) {
    queue({});
    net.answer_with("content", "451 4.3.0 busy");
    start();
    for (int hour = 0; hour < 5 * 24 + 6; hour += 2) {
        advance(2h);
        if (hour == 10) UNSIGNED_LONGS_EQUAL(1, inbox().size());
    }
    UNSIGNED_LONGS_EQUAL(2, inbox().size());
    STRCMP_CONTAINS("Action: delayed", inbox()[0].c_str());
    STRCMP_CONTAINS("Action: failed", inbox()[1].c_str());
    CHECK(items().empty());
}

TEST(Dispatcher, while_the_relay_cannot_be_reached_nothing_expires_and_no_attempt_counts) {
    queue({});
    net.reachable = false;
    start();
    settle();
    for (int day = 0; day < 30; ++day) advance(24h);
    UNSIGNED_LONGS_EQUAL(1, items().size());
    UNSIGNED_LONGS_EQUAL(0, items()[0].attempts);
    CHECK(inbox().empty());
    CHECK(status("provider")->state == policy::LinkState::down);
    STRCMP_CONTAINS("does not answer", status("provider")->trouble.c_str());
    net.reachable = true;
    advance(policy::Link::longest_pause);
    until_sent(1);
    CHECK(status("provider")->trouble.empty());
}

TEST(Dispatcher, who_waits_for_the_internet_for_long_is_told_once_that_all_is_well) {
    queue({.to = {"carol@example.org", "dave@example.org"}});
    queue({.notify = "NEVER"});
    net.reachable = false;
    start();
    settle();
    auto const look = [&] {
        asio_run([&]() -> boost::asio::awaitable<void> { co_await dispatcher->look_for_outages(); });
    };
    advance(5h);
    look();
    CHECK(inbox().empty());
    advance(2h);
    look();
    look();
    UNSIGNED_LONGS_EQUAL(1, inbox().size());
    STRCMP_CONTAINS("Action: delayed", inbox()[0].c_str());
    STRCMP_CONTAINS("carol@example.org", inbox()[0].c_str());
    STRCMP_CONTAINS("dave@example.org", inbox()[0].c_str());
    STRCMP_CONTAINS("internet", inbox()[0].c_str());
    net.reachable = true;
    advance(policy::Link::longest_pause);
    until_sent(2);
    CHECK(items().empty());
}

TEST(Dispatcher, who_waits_for_a_relay_that_refuses_us_is_told_so) {
    queue({});
    net.answer_with("greeting", "554 5.7.1 go away");
    start();
    run_until([&] { return !status("provider")->trouble.empty(); });
    advance(7h);
    asio_run([&]() -> boost::asio::awaitable<void> { co_await dispatcher->look_for_outages(); });
    UNSIGNED_LONGS_EQUAL(1, inbox().size());
    STRCMP_CONTAINS("administrator", inbox()[0].c_str());
    UNSIGNED_LONGS_EQUAL(1, items().size());
}

TEST(Dispatcher, who_asked_to_hear_of_success_hears_of_it_from_a_relay_that_can_tell_or_from_us) {
    queue({.notify = "SUCCESS,FAILURE"});
    start();
    until_sent(1);
    CHECK(inbox().empty());
    STRCMP_CONTAINS("NOTIFY=SUCCESS,FAILURE", net.received[0].rcpt[0].c_str());
    net.offers = {"PIPELINING"};
    CHECK(dispatcher->relays_changed().has_value());
    queue({.notify = "SUCCESS,FAILURE"});
    until_sent(2);
    UNSIGNED_LONGS_EQUAL(1, inbox().size());
    STRCMP_CONTAINS("Action: relayed", inbox()[0].c_str());
}

TEST(Dispatcher, a_notice_that_finds_no_room_waits_and_what_was_sent_is_forgotten_all_the_same) {
    queue({.to = {"carol@example.org", "nobody@example.org"}});
    net.answer_with("RCPT TO:<nobody", "550 5.1.1 No such user");
    fixture.set_free_space(0);
    start();
    until_sent(1);
    UNSIGNED_LONGS_EQUAL(1, items().size());
    STRCMP_EQUAL("nobody@example.org", items()[0].recipient.c_str());
    CHECK(inbox().empty());
    UNSIGNED_LONGS_EQUAL(1, net.received.size());
}

TEST(Dispatcher, what_was_put_off_is_tried_when_the_link_returns_though_its_clock_stood_still) {
    queue({});
    bool busy = true;
    net.answer = [&](std::string_view command) -> std::optional<std::string> {
        if (busy && command == "content") return "451 4.3.0 busy";
        if (busy && command == "greeting" && net.dialled.size() > 1) return "cut";
        return std::nullopt;
    };
    start();
    run_until([&] { return items().at(0).attempts == 1; });
    net.reachable = false;
    run_until([&] { return net.connections() == 0; }); // it lingers no longer
    advance(150s);
    for (int i = 0; i < 4; ++i) advance(10s);
    CHECK(status("provider")->state == policy::LinkState::down);
    net.reachable = true;
    busy = false;
    for (int i = 0; i < 10; ++i) advance(60s);
    until_sent(1);
}

TEST(Dispatcher, a_refused_login_stops_the_relay_and_returns_nothing) {
    add_relay("provider", 10, "office");
    net.offers.push_back("AUTH PLAIN");
    net.answer_with("AUTH", "535 5.7.8 Bad credentials");
    queue({});
    start();
    run_until([&] { return !status("provider")->trouble.empty(); });
    for (int i = 0; i < 20; ++i) advance(24h);
    UNSIGNED_LONGS_EQUAL(1, items().size());
    CHECK(inbox().empty());
    STRCMP_CONTAINS("535 5.7.8 Bad credentials", status("provider")->trouble.c_str());
    CHECK(std::ranges::none_of(net.commands, [](auto const& one) { return one.starts_with("MAIL"); }));
    // The administrator sets it right.
    net.answer = nullptr;
    CHECK(dispatcher->relays_changed().has_value());
    until_sent(1);
}

TEST(Dispatcher, a_relay_that_wants_a_login_for_the_first_recipient_returns_nothing_either) {
    queue({});
    net.answer_with("RCPT", "530 5.7.0 Authentication required");
    start();
    run_until([&] { return status("provider")->trouble.contains("530 5.7.0"); });
    settle();
    UNSIGNED_LONGS_EQUAL(1, items().size());
    UNSIGNED_LONGS_EQUAL(0, items()[0].attempts);
    CHECK(inbox().empty());
}

TEST(Dispatcher, a_recipient_to_whom_the_relay_does_not_relay_waits_and_keeps_nobody_else_waiting) {
    for (char const* said : {"554 5.7.1 <carol@example.org>: Relay access denied", "550 relaying denied"}) {
        net.answer_with("RCPT TO:<carol", said);
        queue({});
        queue({.to = {"dave@example.org"}});
        auto const before = net.received.size();
        if (net.dialled.empty()) start();
        until_sent(before + 1);
        STRCMP_CONTAINS("dave", net.received.back().rcpt.at(0).c_str());
        STRCMP_EQUAL(said, items().back().last_reply.c_str());
        CHECK(status("provider")->trouble.empty());
    }
    CHECK(inbox().empty());
    net.answer = nullptr; // the administrator has mended it
    CHECK(ask<Dispatcher::Done>([&] { return dispatcher->retry_all(); }).has_value());
    until_sent(4);
    CHECK(items().empty());
}

TEST(Dispatcher, a_connection_cut_at_any_answer_loses_nothing) {
    std::vector<std::string> const points{"greeting", "EHLO", "MAIL", "RCPT", "content"};
    for (std::string const& point : points) {
        net.received.clear();
        bool cut = true;
        net.answer = [&](std::string_view command) -> std::optional<std::string> {
            if (!cut || !command.starts_with(point)) return std::nullopt;
            cut = false;
            return "cut";
        };
        queue({});
        if (net.dialled.empty()) start();
        if (point == "greeting" || point == "EHLO") CHECK(dispatcher->relays_changed().has_value()); // a new connection
        for (int i = 0; i < 10 && net.received.empty(); ++i) advance(policy::Link::longest_pause);
        UNSIGNED_LONGS_EQUAL_TEXT(1, net.received.size(), point.c_str());
        CHECK_TEXT(items().empty(), point.c_str());
        CHECK_TEXT(!cut, point.c_str());
    }
    CHECK(inbox().empty());
}

TEST(Dispatcher, a_cut_is_no_refusal_and_makes_no_later_one_wait_longer) {
    queue({});
    net.answer_with("content", "cut");
    start();
    for (int i = 0; i < 20 && items().at(0).cuts < 5; ++i) advance(policy::Link::longest_pause);
    UNSIGNED_LONGS_EQUAL(5, items().at(0).cuts);
    UNSIGNED_LONGS_EQUAL(0, items().at(0).attempts);
    net.answer_with("content", "451 4.3.0 busy");
    for (int i = 0; i < 5 && items().at(0).attempts == 0; ++i) advance(policy::Link::longest_pause);
    UNSIGNED_LONGS_EQUAL(1, items().at(0).attempts);
    net.answer = nullptr;
    advance(150s); // policy::backoff of one attempt
    until_sent(1);
}

TEST(Dispatcher, the_next_relay_takes_over_where_the_first_is_down) {
    add_relay("satellite", 20);
    queue({});
    net.answer = [&](std::string_view command) -> std::optional<std::string> {
        if (command == "greeting" && net.dialled.back() == "provider.example.net") return "cut";
        return std::nullopt;
    };
    start();
    until_sent(1);
    CHECK(net.dialled == (std::vector<std::string>{"provider.example.net", "satellite.example.net"}));
}

TEST(Dispatcher, the_first_relay_gets_all_where_it_works) {
    add_relay("satellite", 20);
    for (int i = 0; i < 5; ++i) queue({});
    start();
    until_sent(5);
    CHECK(net.dialled == std::vector<std::string>{"provider.example.net"});
}

TEST(Dispatcher, without_a_relay_mail_waits_for_one) {
    write([](store::WriteTransaction& transaction) -> store::Result<int> {
        (void)store::remove_relay(transaction, "provider");
        return 0;
    });
    queue({});
    start();
    settle();
    UNSIGNED_LONGS_EQUAL(1, dispatcher->unroutable());
    CHECK(net.dialled.empty());
    add_relay("other");
    CHECK(dispatcher->relays_changed().has_value());
    until_sent(1);
}

TEST(Dispatcher, nothing_leaves_while_the_administrator_holds_the_link) {
    set("link.hold", "yes");
    queue({});
    start();
    advance(24h);
    CHECK(net.dialled.empty());
    set("link.hold", "no");
    until_sent(1);
}

TEST(Dispatcher, nothing_leaves_out_of_hours_and_the_links_time_stands_still) {
    start();
    queue({});
    until_sent(1);
    // From the hour after next on, for an hour.
    auto const hour =
        std::chrono::hh_mm_ss(fixture.clock.wall() - std::chrono::floor<std::chrono::days>(fixture.clock.wall()))
            .hours()
            .count();
    set("link.schedule", std::format("{:02}:00-{:02}:00", (hour + 2) % 24, (hour + 3) % 24));
    auto const link_time = [&] {
        advance(0s);
        queue({.to = {"erin@example.org"}});
        settle();
        return items().back().since;
    };
    auto const before = link_time();
    STRCMP_CONTAINS("not used at this hour", describe(dispatcher->standing(items().at(0))).c_str());
    advance(1h);
    CHECK(link_time() == before);
    UNSIGNED_LONGS_EQUAL(1, net.received.size());
    advance(1h);
    until_sent(3);
}

TEST(Dispatcher, what_a_budget_does_not_leave_waits_for_the_next_day) {
    set("link.day_budget", "200K");
    start();
    auto const used = fixture.office.link.keep();
    fixture.office.link.count("192.168.1.2", 100 * 1024, *fixture.office.settings, fixture.clock);
    queue({.to = {"large@example.org"}, .content = std::string(hello) + std::string(150'000, 'x')});
    queue({.to = {"small@example.org"}});
    until_sent(1);
    STRCMP_CONTAINS("small", net.received[0].rcpt[0].c_str());
    STRCMP_CONTAINS("too large for a metered link", describe(dispatcher->standing(items().at(0))).c_str());
    fixture.office.link.count("192.168.1.2", 200 * 1024, *fixture.office.settings, fixture.clock);
    queue({.to = {"late@example.org"}});
    settle();
    STRCMP_CONTAINS("used up", describe(dispatcher->standing(items().at(1))).c_str());
    advance(24h);
    until_sent(3);
    CHECK(used.today == 0);
}

TEST(Dispatcher, whose_mail_the_administrator_holds_for_long_is_told_so) {
    set("link.hold", "yes");
    start();
    queue({});
    advance(7h);
    asio_run([&] { return dispatcher->look_for_outages(); });
    run_until([&] { return inbox().size() == 1; });
    STRCMP_CONTAINS("has this message wait", inbox().at(0).c_str());
}

TEST(Dispatcher, it_says_why_something_waits) {
    auto const why = [&] { return describe(dispatcher->standing(items().at(0))); };
    write([](store::WriteTransaction& transaction) -> store::Result<int> {
        (void)store::remove_relay(transaction, "provider");
        return 0;
    });
    queue({});
    start();
    STRCMP_CONTAINS("no relay takes mail for there", why().c_str());
    add_relay("provider");
    CHECK(dispatcher->relays_changed().has_value());
    STRCMP_EQUAL("", why().c_str());
    net.reachable = false;
    settle();
    STRCMP_EQUAL("provider.example.net: it does not answer", why().c_str());
    set("link.hold", "yes");
    STRCMP_CONTAINS("postern link auto", why().c_str());
    CHECK(ask<Dispatcher::Done>([&] { return dispatcher->hold(items().at(0).id, true, "test"); }).has_value());
    STRCMP_CONTAINS("an administrator holds it", why().c_str());
}

TEST(Dispatcher, a_message_that_is_put_off_waits_because_of_what_the_server_said) {
    queue({});
    net.answer_with("content", "451 4.3.0 busy");
    start();
    run_until([&] { return items().at(0).attempts == 1; });
    STRCMP_EQUAL("451 4.3.0 busy", describe(dispatcher->standing(items().at(0))).c_str());
}

TEST(Dispatcher, what_was_recalled_is_never_sent) {
    queue({});
    queue({.to = {"dave@example.org"}});
    net.reachable = false;
    start();
    settle();
    auto const done = ask<Dispatcher::Done>([&] { return dispatcher->remove(items().at(0).id, "test"); });
    CHECK(done.has_value());
    auto const again = ask<Dispatcher::Done>([&] { return dispatcher->remove(store::QueueItemId{12345}, "test"); });
    STRCMP_EQUAL("no such queue item", again.error().c_str());
    net.reachable = true;
    advance(10s);
    until_sent(1);
    STRCMP_CONTAINS("dave", net.received[0].rcpt[0].c_str());
    CHECK(items().empty());
}

TEST(Dispatcher, what_is_being_sent_cannot_be_recalled) {
    queue({});
    net.answer_with("content", "silence");
    start();
    run_until(
        [&] { return std::ranges::any_of(net.commands, [](auto const& one) { return one.starts_with("BDAT"); }); });
    auto const done = ask<Dispatcher::Done>([&] { return dispatcher->remove(items().at(0).id, "test"); });
    CHECK(!done.has_value());
    STRCMP_CONTAINS("being sent", done.error().c_str());
}

TEST(Dispatcher, to_a_relay_that_takes_data_the_next_message_is_announced_however_large_the_one_before) {
    net.offers = {"PIPELINING"};
    for (int i = 0; i < 2; ++i)
        queue({.to = {std::format("{}@example.org", i)}, .content = std::string(hello) + std::string(20'000, 'x')});
    net.answer_with("content", "silence");
    start();
    run_until(
        [&] { return std::ranges::any_of(net.commands, [](auto const& one) { return one.contains("<1@example"); }); });
    LONGS_EQUAL(0, net.received.size());
}

TEST(Dispatcher, a_held_item_waits_for_its_release) {
    queue({});
    net.reachable = false;
    start();
    settle();
    auto const id = items().at(0).id;
    CHECK(ask<Dispatcher::Done>([&] { return dispatcher->hold(id, true, "test"); }).has_value());
    net.reachable = true;
    advance(1h);
    CHECK(net.received.empty());
    CHECK(items().at(0).held);
    CHECK(ask<Dispatcher::Done>([&] { return dispatcher->hold(id, false, "test"); }).has_value());
    until_sent(1);
}

TEST(Dispatcher, an_item_is_tried_at_once_if_the_administrator_says_so) {
    queue({});
    net.answer_with("content", "451 4.3.0 busy");
    start();
    run_until([&] { return items().at(0).attempts == 1; });
    settle();
    net.answer = nullptr;
    CHECK(ask<Dispatcher::Done>([&] { return dispatcher->retry(items().at(0).id); }).has_value());
    until_sent(1);
}

TEST(Dispatcher, eight_bit_mail_is_made_seven_bit_for_a_relay_that_takes_no_other) {
    std::string const content =
        "From: alice@office.lan\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\nGr\xc3\xbc\xc3\x9f"
        "e aus der N\xc3\xa4he, und noch ein paar Zeilen, die fast alle ohne Umlaute sind\r\n";
    net.offers = {"PIPELINING"};
    queue({.content = content, .eight_bit = true});
    start();
    until_sent(1);
    STRCMP_CONTAINS("quoted-printable", net.received[0].content.c_str());
    STRCMP_CONTAINS("Gr=C3=BC=C3=9Fe aus", net.received[0].content.c_str());
    CHECK(!net.received[0].content.contains("Return-Path"));
    CHECK(!net.received[0].mail.contains("BODY="));
    net.offers = {"PIPELINING", "8BITMIME"};
    CHECK(dispatcher->relays_changed().has_value());
    queue({.content = content, .eight_bit = true});
    until_sent(2);
    STRCMP_EQUAL(content.c_str(), net.received[1].content.c_str());
    STRCMP_CONTAINS("BODY=8BITMIME", net.received[1].mail.c_str());
}

TEST(Dispatcher, what_the_relay_cannot_take_is_returned_without_being_sent) {
    net.offers = {"PIPELINING", "SIZE 100"};
    queue({});
    queue({.to = {"j\xc3\xbcrgen@example.org"}, .content = "Subject: x\r\n\r\nx\r\n", .smtputf8 = true});
    start();
    run_until([&] { return inbox().size() == 2; });
    auto const all = inbox().at(0) + inbox().at(1);
    STRCMP_CONTAINS("5.3.4", all.c_str());
    STRCMP_CONTAINS("5.6.7", all.c_str());
    CHECK(std::ranges::none_of(net.commands, [](auto const& one) { return one.starts_with("MAIL"); }));
}

TEST(Dispatcher, what_was_begun_before_the_power_was_cut_is_sent_again) {
    queue({});
    auto item = items().at(0);
    item.under_way = true;
    write([&](store::WriteTransaction& transaction) -> store::Result<int> {
        (void)store::save_queue_item(transaction, item);
        return 0;
    });
    start();
    until_sent(1);
    CHECK(items().empty());
}

TEST(Dispatcher, what_was_begun_before_the_power_was_cut_may_be_recalled_while_the_link_is_away) {
    queue({});
    auto item = items().at(0);
    item.under_way = true;
    write([&](store::WriteTransaction& transaction) -> store::Result<int> {
        (void)store::save_queue_item(transaction, item);
        return 0;
    });
    net.reachable = false;
    start();
    settle();
    CHECK(!items().at(0).under_way);
}

// By its sender or an administrator, and the dispatcher has not heard of it when it takes the items.
TEST(Dispatcher, what_is_kept_back_at_the_last_moment_is_not_sent_and_not_said_to_be) {
    net.reachable = false;
    queue({.to = {"carol@example.org"}});
    queue({.to = {"dave@example.org"}});
    start();
    settle();
    auto withdrawn = items().at(0), held = items().at(1);
    withdrawn.withdrawn = held.held = true;
    write([&](store::WriteTransaction& transaction) -> store::Result<int> {
        for (auto const& item : {withdrawn, held}) (void)store::save_queue_item(transaction, item);
        return 0;
    });
    net.reachable = true;
    advance(1h);
    CHECK(net.received.empty());
    CHECK(!items().at(0).under_way && !items().at(1).under_way);
}

TEST(Dispatcher, the_links_time_is_kept_in_the_store) {
    queue({});
    start();
    until_sent(1);
    advance(1000s);
    queue({});
    until_sent(2);
    auto const time =
        fixture.store().read_here([](store::ReadTransaction const& transaction) -> store::Result<core::LinkTime> {
            return store::link_time(transaction);
        });
    CHECK(*time >= core::LinkTime{1000s});
}

TEST(Dispatcher, a_test_says_what_is_wrong) {
    start();
    using Tested = std::expected<std::string, relay::OpenFailure>;
    auto const good = ask<Tested>([&] { return dispatcher->test("provider", ""); });
    STRCMP_CONTAINS("192.0.2.25 port 587", good.value().c_str());
    net.reachable = false;
    auto const bad = ask<Tested>([&] { return dispatcher->test("provider", ""); });
    STRCMP_CONTAINS("does not answer", bad.error().reason.c_str());
    STRCMP_CONTAINS("there is no relay",
                    ask<Tested>([&] { return dispatcher->test("nothing", ""); }).error().reason.c_str());
}

TEST(Dispatcher, a_fault_of_our_own_ends_a_connection_and_not_the_daemon) {
    queue({.to = {"carol\n@example.org"}}); // which no session lets in
    start();
    run_until([&] { return status("provider")->state == policy::LinkState::failing; });
    UNSIGNED_LONGS_EQUAL(1, items().size());
    queue({.to = {"dave@example.org"}, .urgency = core::Urgency::urgent});
    for (int i = 0; i < 3 && net.received.empty(); ++i) advance(10s);
    until_sent(1);
    STRCMP_CONTAINS("dave", net.received[0].rcpt[0].c_str());
}

TEST(Dispatcher, before_it_ends_it_waits_for_what_is_being_sent) {
    queue({});
    net.answer_with("content", "silence");
    start();
    run_until([&] { return status("provider")->sending; });
    fixture.stop.raise();
    bool over = false;
    boost::asio::co_spawn(fixture.io, dispatcher->drained(10s), [&](std::exception_ptr) { over = true; });
    settle();
    CHECK(!over);
}

TEST(Dispatcher, a_server_that_comes_for_its_mail_gets_it_at_once) {
    using office::QueueStart;
    add_relay("sister", 10, "", {"branch.example"});
    net.answer_with("content", "451 4.3.0 busy");
    queue({.to = {"carol@branch.example"}});
    start();
    run_until([&] { return items().at(0).attempts == 1; });
    settle();
    net.answer = nullptr;
    CHECK(dispatcher->start_queue({"branch.example"}) == QueueStart::started);
    until_sent(1);
    CHECK(items().empty());
    fixture.clock.advance(30s);
    CHECK(dispatcher->start_queue({"branch.example"}) == QueueStart::nothing_waits);
    CHECK(dispatcher->start_queue({"example.org"}) == QueueStart::not_allowed);
}

TEST(Dispatcher, a_server_that_comes_for_its_mail_proves_that_the_link_may_be_there) {
    using office::QueueStart;
    add_relay("sister", 10, "", {"branch.example"});
    net.reachable = false;
    queue({.to = {"carol@branch.example"}});
    start();
    run_until([&] { return status("sister")->state == policy::LinkState::down; });
    settle();
    auto const dialled = net.dialled.size();
    // Once, however often it says so.
    for (int i = 0; i < 10; ++i) CHECK(dispatcher->start_queue({"branch.example"}) == QueueStart::started);
    settle();
    UNSIGNED_LONGS_EQUAL(dialled + 1, net.dialled.size());
    net.reachable = true;
    fixture.clock.advance(30s);
    CHECK(dispatcher->start_queue({"branch.example", true}) == QueueStart::started);
    until_sent(1);
}

TEST(Dispatcher, a_relay_that_refuses_us_is_not_asked_again_because_a_server_comes_for_its_mail) {
    add_relay("sister", 10, "", {"branch.example"});
    net.answer_with("greeting", "554 5.7.1 None of you");
    queue({.to = {"carol@branch.example"}});
    start();
    run_until([&] { return status("sister")->state == policy::LinkState::down; });
    settle();
    auto const dialled = net.dialled.size();
    CHECK(dispatcher->start_queue({"branch.example"}) == office::QueueStart::started);
    settle();
    UNSIGNED_LONGS_EQUAL(dialled, net.dialled.size());
}

TEST(Dispatcher, a_server_that_comes_for_its_mail_is_told_that_the_link_may_not_be_used) {
    add_relay("sister", 10, "", {"branch.example"});
    set("link.hold", "yes");
    queue({.to = {"carol@branch.example"}});
    start();
    settle();
    CHECK(dispatcher->start_queue({"branch.example"}) == office::QueueStart::unable);
    settle();
    CHECK(net.dialled.empty());
}
