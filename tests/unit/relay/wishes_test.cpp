// What senders ask of the transfer: priorities, a time limit, a time to leave.
#include "sending_office.h"
#include "store/check.h"
#include "store/mailboxes.h"

using namespace postern;
using namespace postern::test;

TEST_GROUP_BASE(Wishes, SendingOffice){store::WallTime in(std::chrono::seconds time){return fixture.clock.wall() + time;
}
void look() {
    ask<bool>([this]() -> boost::asio::awaitable<bool> {
        co_await dispatcher->look_at_the_clock();
        co_return true;
    });
    settle();
}
void look_for_outages() {
    ask<bool>([this]() -> boost::asio::awaitable<bool> {
        co_await dispatcher->look_for_outages();
        co_return true;
    });
    settle();
}
void later(std::chrono::seconds time) {
    advance(time);
    look();
}
// As it was given with MAIL.
std::string mail() { return net.received.back().mail; }
}
;

// RFC 6710 §5
TEST(Wishes, the_highest_priority_goes_first_and_is_passed_on_where_it_is_understood) {
    net.offers = {"PIPELINING", "CHUNKING", "MT-PRIORITY"};
    queue({.to = {"bulk@example.org"}, .transfer = {.priority = std::int8_t{-5}}});
    queue({.to = {"none@example.org"}});
    queue({.to = {"header@example.org"}, .urgency = core::Urgency::urgent});
    queue({.to = {"high@example.org"}, .transfer = {.priority = std::int8_t{6}}});
    queue({.to = {"modest@example.org"}, .urgency = core::Urgency::urgent, .transfer = {.priority = std::int8_t{0}}});
    start();
    until_sent(5);
    std::vector<std::string> order;
    for (auto const& one : net.received) order.push_back(one.rcpt.at(0).substr(9, 4));
    CHECK((order == std::vector<std::string>{"high", "head", "none", "mode", "bulk"}));
    STRCMP_CONTAINS(" MT-PRIORITY=6", net.received[0].mail.c_str());
    CHECK(!net.received[1].mail.contains("MT-PRIORITY")); // a hint of the message is none of its sender's
    STRCMP_CONTAINS(" MT-PRIORITY=0", net.received[3].mail.c_str());
}

TEST(Wishes, a_priority_is_kept_from_who_does_not_know_it) {
    queue({.transfer = {.priority = std::int8_t{6}}});
    start();
    until_sent(1);
    CHECK(!mail().contains("MT-PRIORITY"));
}

// RFC 2852 §4.1.3
TEST(Wishes, what_is_left_of_the_time_is_passed_on) {
    net.offers = {"PIPELINING", "CHUNKING", "DSN", "DELIVERBY 60"};
    queue({.transfer = {.deliver_by = in(2h), .late_returns = true, .trace = false}});
    fixture.clock.advance(30min);
    start();
    until_sent(1);
    STRCMP_CONTAINS(" BY=5400;R", mail().c_str());
    CHECK(inbox().empty());
    queue({.transfer = {.deliver_by = in(-30s), .late_told = true, .trace = true}});
    until_sent(2);
    STRCMP_CONTAINS(" BY=-30;NT", mail().c_str());
    // §4.2: who asked for a trace hears that it went on.
    UNSIGNED_LONGS_EQUAL(1, inbox().size());
    STRCMP_CONTAINS("Action: relayed", inbox()[0].c_str());
}

// RFC 2852 §4.1.4
TEST(Wishes, who_knows_of_no_time_is_given_what_may_be_late_and_its_sender_told) {
    queue({.transfer = {.deliver_by = in(1h)}});
    queue({.notify = "NEVER", .transfer = {.deliver_by = in(1h)}});
    start();
    until_sent(2);
    UNSIGNED_LONGS_EQUAL(1, inbox().size());
    STRCMP_CONTAINS("Action: relayed", inbox()[0].c_str());
}

TEST(Wishes, what_must_not_be_late_goes_to_nobody_who_does_not_promise_that) {
    for (std::string const offer : {"DSN", "DELIVERBY 7200"}) {
        add_relay("provider");
        net.offers = {"PIPELINING", "CHUNKING", offer};
        queue({.transfer = {.deliver_by = in(1h), .late_returns = true}});
        if (offer == "DSN") start();
        run_until([&] { return items().empty(); });
        settle();
    }
    CHECK(net.received.empty());
    UNSIGNED_LONGS_EQUAL(2, inbox().size());
    STRCMP_CONTAINS("Status: 5.3.3", inbox()[0].c_str());
    STRCMP_CONTAINS("cannot keep a time limit", inbox()[0].c_str());
}

// RFC 2852 §4.1.1: whatever keeps it, the link that is away above all.
TEST(Wishes, what_is_late_comes_back_or_its_sender_is_told_once) {
    net.reachable = false;
    queue({.to = {"back@example.org"}, .transfer = {.deliver_by = in(1h), .late_returns = true}});
    queue({.to = {"told@example.org"}, .transfer = {.deliver_by = in(1h)}});
    start();
    settle();
    later(59min);
    CHECK(inbox().empty());
    later(1min);
    UNSIGNED_LONGS_EQUAL(2, inbox().size());
    STRCMP_CONTAINS("back@example.org", inbox()[0].c_str());
    STRCMP_CONTAINS("Action: failed\r\nStatus: 5.4.7", inbox()[0].c_str());
    STRCMP_CONTAINS("told@example.org", inbox()[1].c_str());
    STRCMP_CONTAINS("Action: delayed\r\nStatus: 4.4.7", inbox()[1].c_str());
    later(10h);
    UNSIGNED_LONGS_EQUAL(2, inbox().size());
    UNSIGNED_LONGS_EQUAL(1, items().size());
    CHECK(items()[0].transfer.late_told);
}

TEST(Wishes, what_its_sender_withdrew_is_not_late) {
    net.reachable = false;
    queue({.transfer = {.deliver_by = in(1h), .late_returns = true}});
    start();
    auto item = items().at(0);
    item.withdrawn = true;
    write([&](store::WriteTransaction& transaction) {
        return store::save_queue_item(transaction, item).transform([] { return true; });
    });
    later(2h);
    UNSIGNED_LONGS_EQUAL(1, items().size());
    CHECK(inbox().empty());
}

// RFC 4865
TEST(Wishes, what_is_scheduled_leaves_when_its_time_has_come) {
    queue({.transfer = {.release = in(8h), .release_request = "for;28800"}});
    queue({});
    start();
    until_sent(1); // the other
    UNSIGNED_LONGS_EQUAL(1, items().size());
    CHECK(dispatcher->standing(items()[0]).why == relay::Standing::Why::scheduled);
    later(7h);
    look_for_outages(); // it does not wait for anything
    CHECK(inbox().empty());
    UNSIGNED_LONGS_EQUAL(1, net.received.size());
    later(1h);
    until_sent(2);
    CHECK(items().empty());
}

TEST(Wishes, its_time_counts_from_when_it_was_to_leave) {
    set("queue.expiry", "5d");
    queue({.transfer = {.release = in(24h * 30), .release_request = "for;2592000"}});
    net.answer_with("RCPT", "450 4.2.0 not now");
    start();
    settle();
    later(24h * 30);
    run_until([&] { return items().at(0).attempts == 1; });
    settle();
    CHECK(inbox().empty()); // neither expired nor late
}

TEST(Wishes, a_restart_forgets_no_appointment) {
    queue({.transfer = {.release = in(8h)}});
    fixture.clock.advance(9h);
    start();
    until_sent(1);
    CHECK(items().empty());
}

TEST(Wishes, a_colleague_gets_what_was_scheduled_then_and_not_before) {
    queue({.to = {"alice@office.lan", "Alice+later@office.lan", "carol@example.org"}, .transfer = {.release = in(8h)}});
    start();
    settle();
    CHECK(inbox().empty());
    later(8h);
    until_sent(1);
    UNSIGNED_LONGS_EQUAL(1, inbox().size()); // of both addresses, once
    CHECK(inbox()[0].ends_with(hello));
    UNSIGNED_LONGS_EQUAL(1, net.received[0].rcpt.size());
    CHECK(items().empty());
    CHECK(store::check(fixture.store(), true)->problems.empty());
}

TEST(Wishes, while_the_store_takes_nothing_it_waits) {
    queue({.to = {"alice@office.lan"}, .transfer = {.release = in(8h)}});
    start();
    settle();
    fixture.set_free_space(0);
    later(8h);
    CHECK(inbox().empty());
    UNSIGNED_LONGS_EQUAL(1, items().size());
    fixture.set_free_space(std::uint64_t{1} << 40);
    later(1min);
    UNSIGNED_LONGS_EQUAL(1, inbox().size());
    CHECK(items().empty());
}

TEST(Wishes, a_colleague_gets_it_here_though_its_time_had_come_before_it_was_all_there) {
    queue({.to = {"alice@office.lan"}, .transfer = {.release = in(-1s)}});
    start();
    run_until([&] { return items().empty(); });
    settle();
    UNSIGNED_LONGS_EQUAL(1, inbox().size());
    CHECK(net.dialled.empty());
}

TEST(Wishes, a_colleague_who_is_gone_by_then_or_has_no_room_is_told_of) {
    queue({.to = {"nobody@office.lan"}, .transfer = {.release = in(8h), .release_request = "for;28800"}});
    start();
    later(8h);
    run_until([&] { return items().empty(); });
    settle();
    UNSIGNED_LONGS_EQUAL(1, inbox().size());
    STRCMP_CONTAINS("Status: 5.1.1", inbox()[0].c_str());
    STRCMP_CONTAINS("Future-Release-Request: for;28800", inbox()[0].c_str());
    CHECK(net.dialled.empty());
    CHECK(store::check(fixture.store(), true)->problems.empty());

    set("account.quota", "1");
    queue({.to = {"alice@office.lan"}, .transfer = {.release = in(1h)}});
    later(1h);
    run_until([&] { return items().empty(); });
    settle();
    UNSIGNED_LONGS_EQUAL(2, inbox().size());
    STRCMP_CONTAINS("Status: 5.2.2", inbox()[1].c_str());
}

TEST(Wishes, what_an_administrator_holds_waits_for_him_whatever_the_time) {
    queue({.transfer = {.release = in(1h)}});
    start();
    auto const id = items().at(0).id;
    CHECK(ask<Dispatcher::Done>([&] { return dispatcher->hold(id, true, "admin"); }).has_value());
    later(2h);
    CHECK(net.received.empty());
    CHECK(ask<Dispatcher::Done>([&] { return dispatcher->hold(id, false, "admin"); }).has_value());
    look();
    until_sent(1);
}

TEST(Wishes, nothing_waits_longer_than_anything_may) {
    net.reachable = false;
    set("queue.wall_limit", "3d");
    queue({.notify = "FAILURE"});
    queue({.to = {"later@example.org"}, .notify = "FAILURE", .transfer = {.release = in(24h)}});
    start();
    later(24h * 3);
    look_for_outages();
    UNSIGNED_LONGS_EQUAL(1, inbox().size());
    STRCMP_CONTAINS("Status: 4.4.7", inbox()[0].c_str());
    STRCMP_CONTAINS("tried for 3 days", inbox()[0].c_str());
    later(24h);
    look_for_outages();
    UNSIGNED_LONGS_EQUAL(2, inbox().size());
    CHECK(items().empty());
}
