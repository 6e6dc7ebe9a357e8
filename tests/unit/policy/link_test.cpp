#include "policy/link.h"
#include "policy/link_timer.h"

#include <CppUTest/TestHarness.h>

using namespace postern::policy;
using namespace std::chrono_literals;
using postern::core::SteadyTime;

TEST_GROUP(Link) {
    Link link;
    SteadyTime now{1h};

    void is(LinkState state) { STRCMP_EQUAL(describe(state).data(), describe(link.state()).data()); }
    // Opens a connection as soon as it may; how long it had to wait.
    std::chrono::seconds open() {
        auto const at = link.next_opening();
        CHECK(at.has_value());
        auto const waited = std::max(*at - now, SteadyTime::duration{0});
        now += waited;
        link.opening();
        return std::chrono::duration_cast<std::chrono::seconds>(waited);
    }
    void make_usable() {
        (void)open();
        link.worked(now);
    }
};

TEST(Link, begins_down_and_is_tried_at_once) {
    is(LinkState::down);
    CHECK(open() == 0s);
    is(LinkState::probing);
    link.worked(now);
    is(LinkState::usable);
    CHECK(link.usable());
}

TEST(Link, while_down_one_attempt_at_a_time_less_and_less_often) {
    for (auto const pause : {0s, 5s, 10s, 20s, 40s, 80s, 160s, 300s, 300s}) {
        CHECK(open() == pause);
        CHECK(!link.next_opening()); // one is under way
        link.failed(now);
        is(LinkState::down);
    }
}

TEST(Link, of_a_usable_one_any_number_may_be_opened) {
    make_usable();
    for (int i = 0; i < 3; ++i) CHECK(open() == 0s);
    is(LinkState::usable);
}

TEST(Link, a_usable_one_is_not_given_up_for_one_failure) {
    make_usable();
    link.failed(now);
    is(LinkState::failing);
    CHECK(link.usable());
    CHECK(open() == 2s);
    link.failed(now);
    is(LinkState::failing);
    CHECK(open() == 4s);
    link.worked(now);
    is(LinkState::usable);
    for (unsigned i = 0; i < Link::patience; ++i) {
        if (i > 0) (void)open();
        link.failed(now);
    }
    is(LinkState::down);
}

TEST(Link, one_that_comes_and_goes_is_asked_less_often_until_it_is_steady) {
    auto const fall = [&] {
        while (link.usable()) link.failed(now);
    };
    make_usable();
    fall();
    CHECK(open() == 5s);
    link.worked(now);
    fall();
    CHECK(open() == 10s);
    link.worked(now);
    now += Link::steady;
    fall();
    CHECK(open() == 5s);
}

TEST(Link, somebody_who_knows_better_need_not_wait) {
    for (int i = 0; i < 5; ++i) {
        (void)open();
        link.failed(now);
    }
    link.retry_now(now);
    CHECK(open() == 0s);
    link.failed(now);
    CHECK(open() == 5s);
}

TEST(Link, one_that_refuses_us_is_left_alone_for_long) {
    make_usable();
    CHECK(!link.hopeless());
    link.refused(now);
    is(LinkState::down);
    CHECK(link.hopeless());
    CHECK(open() == Link::refusal_pause);
    link.worked(now);
    is(LinkState::usable);
}

TEST(Link, it_is_not_given_up_before_it_failed) {
    CHECK(!link.hopeless());
    (void)open();
    link.failed(now);
    CHECK(link.hopeless());
    (void)open();
    CHECK(link.hopeless());
    link.worked(now);
    CHECK(!link.hopeless());
    link.failed(now);
    CHECK(!link.hopeless());
}

TEST(Link, its_time_goes_on_while_it_is_usable) {
    LinkTimer timer(postern::core::LinkTime{100s});
    CHECK(timer.now(now + 1h) == postern::core::LinkTime{100s});
    timer.run(true, now);
    timer.run(true, now + 5s);
    CHECK(timer.now(now + 10s) == postern::core::LinkTime{110s});
    timer.run(false, now + 20s);
    CHECK(timer.now(now + 1h) == postern::core::LinkTime{120s});
}
