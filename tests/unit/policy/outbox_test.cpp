#include "policy/outbox.h"

#include <CppUTest/TestHarness.h>

#include <initializer_list>

using namespace postern::policy;
using namespace std::chrono_literals;
using postern::core::LinkTime;
using postern::core::MessageId;
using postern::core::QueueItemId;

TEST_GROUP(Outbox) {
    Outbox outbox;
    LinkTime const now{100s};
    std::set<std::string, std::less<>> usable;

    void setup() override { outbox.set_rules({{"provider", {}, 10}}); }

    static Waiting waiting(unsigned id, unsigned message, std::uint64_t size = 2000, int priority = 0,
                           LinkTime next = {}) {
        return {static_cast<QueueItemId>(id), static_cast<MessageId>(message), size, priority, next};
    }
    std::optional<Outbox::Taken> take(std::string_view relay = "provider", std::size_t most = 100) {
        return outbox.take(relay, now, most, [&](std::string_view one) { return usable.contains(one); }, {});
    }
    void takes(std::initializer_list<unsigned> ids, std::string_view relay = "provider", std::size_t most = 100) {
        auto const taken = take(relay, most);
        CHECK(taken.has_value());
        std::vector<QueueItemId> expected;
        for (unsigned const id : ids) expected.push_back(static_cast<QueueItemId>(id));
        CHECK(taken->items == expected);
    }
};

TEST(Outbox, what_came_first_goes_first) {
    outbox.put(waiting(2, 20), "b.example");
    outbox.put(waiting(1, 10), "a.example");
    takes({1});
    takes({2});
    CHECK(!take());
}

TEST(Outbox, urgent_mail_goes_first_and_large_mail_last) {
    outbox.put(waiting(1, 1, 5'000'000), "a.example");
    outbox.put(waiting(2, 2, 5'000'000, 4), "a.example");
    outbox.put(waiting(3, 3, 1000, -4), "a.example");
    outbox.put(waiting(4, 4), "a.example");
    outbox.put(waiting(5, 5, Outbox::small, 4), "a.example");
    for (unsigned const id : {5U, 4U, 3U, 2U, 1U}) takes({id});
}

TEST(Outbox, who_takes_small_mail_alone_gets_no_other) {
    outbox.put(waiting(1, 1, Outbox::small + 1, 4), "a.example");
    auto const none = [](std::string_view) { return false; };
    CHECK(outbox.is_ready("provider", now, none, {}));
    CHECK(!outbox.is_ready("provider", now, none, {Outbox::small}));
    CHECK(!outbox.take("provider", now, 100, none, {Outbox::small}));
    outbox.put(waiting(2, 2, Outbox::small, -4), "a.example");
    CHECK(outbox.take("provider", now, 100, none, {Outbox::small})->items.front() == QueueItemId{2});
}

TEST(Outbox, what_goes_directly_goes_by_domain) {
    outbox.set_rules({{"direct", {}, 10, true}});
    auto const none = [](std::string_view) { return false; };
    std::set<std::string, std::less<>> busy;
    auto const next = [&] {
        return outbox.next_domain("direct", now, none, Outbox::any_size,
                                  [&](std::string_view domain) { return busy.contains(domain); });
    };
    outbox.put(waiting(1, 1), "a.example");
    outbox.put(waiting(2, 2, 2000, 4), "b.example");
    outbox.put(waiting(3, 3), "a.example");
    STRCMP_EQUAL("b.example", next()->c_str());
    busy.insert("b.example");
    STRCMP_EQUAL("a.example", next()->c_str());
    busy.insert("a.example");
    CHECK(!next());
    CHECK(outbox.take("direct", now, 100, none, {.domain = "a.example"})->items.front() == QueueItemId{1});
    CHECK(outbox.take("direct", now, 100, none, {.domain = "a.example"})->items.front() == QueueItemId{3});
    CHECK(!outbox.take("direct", now, 100, none, {.domain = "a.example"}));
    CHECK(!outbox.is_ready("direct", now, none, {.domain = "a.example"}));
    CHECK(outbox.is_ready("direct", now, none, {.domain = "b.example"}));
    outbox.put(waiting(1, 1), "a.example"); // after all of it was gone
    CHECK(outbox.is_ready("direct", now, none, {.domain = "a.example"}));
}

TEST(Outbox, what_is_too_large_is_passed_over) {
    outbox.put(waiting(1, 1, 900'000), "a.example");
    outbox.put(waiting(2, 2, 500'000), "a.example");
    outbox.put(waiting(3, 2, 500'000), "b.example");
    auto const none = [](std::string_view) { return false; };
    auto const taken = outbox.take("provider", now, 100, none, {600'000});
    UNSIGNED_LONGS_EQUAL(2, taken->items.size());
    CHECK(taken->message == MessageId{2});
    CHECK(!outbox.is_ready("provider", now, none, {600'000}));
    takes({1});
}

TEST(Outbox, recipients_of_a_message_go_together_as_many_as_may) {
    for (unsigned id = 1; id <= 5; ++id) outbox.put(waiting(id, id <= 4 ? 1 : 2), id % 2 ? "a.example" : "b.example");
    takes({1, 2, 3}, "provider", 3);
    takes({4});
    takes({5});
}

TEST(Outbox, nothing_goes_before_its_time) {
    outbox.put(waiting(1, 1, 10, 0, now + 1s), "a.example");
    CHECK(!take());
    CHECK(outbox.next_ready("provider") == now + 1s);
    CHECK(outbox.take("provider", now + 1s, 1, [](std::string_view) { return false; }, {}).has_value());
    CHECK(!outbox.next_ready("provider"));
}

TEST(Outbox, what_was_taken_is_out_until_it_is_put_again) {
    outbox.put(waiting(1, 1), "a.example");
    takes({1});
    UNSIGNED_LONGS_EQUAL(0, outbox.size());
    outbox.put(waiting(1, 1, 10, 0, now), "a.example");
    takes({1});
}

TEST(Outbox, what_was_recalled_does_not_go) {
    outbox.put(waiting(1, 1), "a.example");
    outbox.put(waiting(2, 2), "a.example");
    CHECK(outbox.is_ready("provider", now, [](std::string_view) { return false; }, {}));
    outbox.remove(static_cast<QueueItemId>(1));
    outbox.remove(static_cast<QueueItemId>(7));
    takes({2});
}

TEST(Outbox, a_message_put_anew_stands_where_it_belongs_now) {
    outbox.put(waiting(1, 1), "a.example");
    outbox.put(waiting(2, 2), "a.example");
    outbox.put(waiting(2, 2, 2000, 4), "a.example");
    UNSIGNED_LONGS_EQUAL(2, outbox.size());
    takes({2});
    takes({1});
    CHECK(!take());
}

TEST(Outbox, a_relay_takes_what_no_usable_one_before_it_takes) {
    outbox.set_rules({{"cheap", {}, 1}, {"dear", {}, 2}, {"sister", {"branch.example"}, 1}});
    outbox.put(waiting(1, 1), "a.example");
    outbox.put(waiting(2, 2), "branch.example");
    usable = {"cheap", "dear", "sister"};
    CHECK(!take("dear"));
    auto const is_usable = [&](std::string_view one) { return usable.contains(one); };
    CHECK(outbox.has_mail("cheap", is_usable) && !outbox.has_mail("dear", is_usable));
    usable = {"dear", "sister"};
    CHECK(outbox.has_mail("cheap", is_usable) && outbox.has_mail("dear", is_usable));
    takes({1}, "dear");
    CHECK(!take("dear"));
    usable = {};
    takes({2}, "sister");
}

TEST(Outbox, new_rules_apply_to_what_waits) {
    outbox.put(waiting(1, 1), "a.example");
    outbox.put(waiting(2, 2), "a.example");
    CHECK(outbox.is_ready("provider", now, [](std::string_view) { return false; }, {}));
    outbox.set_rules({});
    CHECK(!take());
    UNSIGNED_LONGS_EQUAL(2, outbox.unroutable());
    UNSIGNED_LONGS_EQUAL(0, outbox.waiting("other"));
    outbox.set_rules({{"other", {"a.example"}, 1}});
    UNSIGNED_LONGS_EQUAL(2, outbox.waiting("other"));
    CHECK(!take());
    takes({1}, "other");
    takes({2}, "other");
}

TEST(Outbox, what_a_server_comes_for_is_due_at_once) {
    outbox.set_rules({{"provider", {}, 10}, {"sister", {"branch.example", ".branch.example"}, 10}});
    outbox.put(waiting(1, 1, 2000, 0, now + 1h), "branch.example");
    outbox.put(waiting(2, 2, 2000, 0, now + 2h), "a.branch.example");
    outbox.put(waiting(3, 3, 2000, 0, now + 1h), "b.branch.example");
    outbox.put(waiting(4, 4, 2000, 0, now + 1h), "a.example");
    CHECK(outbox.hasten({"elsewhere.example"}, now).empty());
    CHECK(outbox.hasten({"a.example"}, now).empty()); // by the provider, as any
    CHECK(!take("sister"));
    CHECK((outbox.hasten({"a.branch.example"}, now) == std::set<std::string>{"sister"}));
    takes({2}, "sister");
    CHECK(!take("sister"));
    CHECK((outbox.hasten({"branch.example", true}, now) == std::set<std::string>{"sister"}));
    takes({1}, "sister");
    takes({3}, "sister");
    CHECK(!take("provider"));
    CHECK(outbox.hasten({"branch.example", true}, now).empty());
}

TEST(Outbox, what_was_due_already_keeps_its_place) {
    outbox.set_rules({{"sister", {"branch.example"}, 10}});
    outbox.put(waiting(1, 1), "branch.example");
    outbox.put(waiting(2, 2, 2000, 4, now + 1h), "branch.example");
    CHECK(outbox.is_ready("sister", now, [](std::string_view) { return false; }, {}));
    CHECK(!outbox.hasten({"branch.example"}, now).empty());
    takes({2}, "sister");
    takes({1}, "sister");
    UNSIGNED_LONGS_EQUAL(0, outbox.size());
}
