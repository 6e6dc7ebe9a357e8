#include "dns/reachability.h"
#include "dns/upstream.h"

#include <CppUTest/TestHarness.h>

#include <string>
#include <vector>

namespace postern::dns::testing {

using namespace std::chrono_literals;
using namespace std::string_literals;

TEST_GROUP(Upstream) {
    core::SteadyTime const now{1000h};

    static Upstream upstream(std::uint16_t port, std::string tls_name = {}) {
        return Upstream({{boost::asio::ip::make_address("192.0.2.53"), port}, std::move(tls_name)});
    }
};

TEST(Upstream, is_written_as_in_the_setting) {
    CHECK_EQUAL("192.0.2.53"s, describe(upstream(53).server()));
    CHECK_EQUAL("192.0.2.53#54"s, describe(upstream(54).server()));
    CHECK_EQUAL("tls://192.0.2.53/dns.example"s, describe(upstream(853, "dns.example").server()));
    CHECK_EQUAL("tls://192.0.2.53#53/dns.example"s, describe(upstream(53, "dns.example").server()));
}

// RFC 6298 §2
TEST(Upstream, is_waited_for_as_long_as_it_mostly_takes) {
    auto one = upstream(53);
    CHECK(one.patience() == Upstream::first_patience);
    one.answered(100ms);
    CHECK(one.time() == 100ms && one.patience() == 300ms);
    for (int i = 0; i < 100; ++i) one.answered(100ms);
    CHECK(one.patience() <= 110ms);
    one.answered(900ms);
    CHECK(one.time() == 200ms);
    CHECK(one.patience() == Upstream::most_patience);
    for (int i = 0; i < 100; ++i) one.answered(1ms);
    CHECK(one.patience() == Upstream::least_patience);
}

TEST(Upstream, comes_behind_others_while_it_is_silent) {
    std::vector<Upstream> all{upstream(1), upstream(2), upstream(3)};
    CHECK(order_of(all) == std::vector<std::size_t>({0, 1, 2}));
    all[1].answered(200ms);
    all[2].answered(20ms);
    CHECK(order_of(all) == std::vector<std::size_t>({2, 1, 0})); // that which was never asked is measured beside them
    all[2].was_silent(300ms, "does not answer");
    CHECK(order_of(all) == std::vector<std::size_t>({1, 2, 0}));
    CHECK_EQUAL("does not answer"s, all[2].trouble());
    all[2].answered(20ms);
    CHECK(order_of(all) == std::vector<std::size_t>({2, 1, 0}));
    CHECK_EQUAL(""s, all[2].trouble());
}

TEST(Upstream, is_measured_again_when_it_was_not_asked_for_long) {
    std::vector<Upstream> all{upstream(1), upstream(2), upstream(3)};
    CHECK(to_be_measured(all, 0, now) == 1);
    all[1].asked(now);
    CHECK(to_be_measured(all, 0, now) == 2);
    all[2].asked(now + 1s);
    CHECK_FALSE(to_be_measured(all, 0, now + 1s).has_value());
    CHECK(to_be_measured(all, 0, now + measured_again) == 1);
    CHECK(to_be_measured(all, 1, now + 1s + measured_again) == 0);
}

TEST(Upstream, may_have_learned_after_a_while_what_it_could_not_do) {
    auto one = upstream(53);
    CHECK(one.keeps_case(now) && one.knows_edns(now));
    one.mangles_case(now);
    one.lacks_edns(now);
    CHECK_FALSE(one.keeps_case(now + Upstream::disability - 1s) || one.knows_edns(now + Upstream::disability - 1s));
    CHECK(one.keeps_case(now + Upstream::disability) && one.knows_edns(now + Upstream::disability));
}

TEST_GROUP(Reachability) {
    core::SteadyTime const now{1000h};
    Reachability reachability;
};

TEST(Reachability, needs_time_and_several_questions_to_be_given_up) {
    reachability.asked(now);
    reachability.asked(now);
    CHECK_FALSE(reachability.given_up(now + 1h, 0ms));
    reachability.asked(now + 1900ms);
    CHECK_FALSE(reachability.given_up(now + 1999ms, 0ms));
    CHECK(reachability.given_up(now + 2000ms, 0ms));
    CHECK(reachability.state() == Reachability::State::silent);
    reachability.answered();
    CHECK_FALSE(reachability.away());
    CHECK_FALSE(reachability.given_up(now + 1h, 0ms));
}

TEST(Reachability, waits_longer_for_who_is_slow_but_not_for_ever) {
    reachability.asked(now, 3);
    CHECK_FALSE(reachability.given_up(now + 2900ms, 1500ms));
    CHECK(reachability.give_up_at(1500ms) == now + 3000ms);
    CHECK(reachability.give_up_at(1h) == now + Reachability::longest_silence);
    CHECK(reachability.suspect_at() == now + Reachability::suspicion);
}

TEST(Reachability, is_gone_at_once_where_nobody_is_left) {
    reachability.found_nobody(true);
    CHECK(reachability.state() == Reachability::State::no_way);
    reachability.answered();
    reachability.found_nobody(false);
    CHECK(reachability.state() == Reachability::State::silent);
}

} // namespace postern::dns::testing
