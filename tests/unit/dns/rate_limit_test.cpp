#include "dns/rate_limit.h"

#include <CppUTest/TestHarness.h>

#include <chrono>

namespace rate_limit_test {

using namespace postern;
using namespace postern::dns;
using namespace std::chrono_literals;
using Verdict = RateLimit::Verdict;

namespace {

IpAddress address(std::string_view written) { return IpAddress::parse(written).value(); }

} // namespace

TEST_GROUP(RateLimit){};

TEST(RateLimit, lets_a_crowd_of_queries_pass_and_then_so_many_a_second) {
    RateLimit limit({1, 2}, 10);
    core::SteadyTime const now{1h};
    for (int i = 0; i < 100; ++i) CHECK(limit.ask(address("192.168.1.1"), now) == Verdict::answer);
    CHECK(limit.ask(address("192.168.1.1"), now) == Verdict::drop);
    CHECK(limit.ask(address("192.168.1.1"), now) == Verdict::truncate);
    CHECK(limit.ask(address("192.168.1.1"), now) == Verdict::drop);
    CHECK(limit.ask(address("192.168.1.2"), now) == Verdict::answer);
    for (int i = 0; i < 5; ++i) CHECK(limit.ask(address("192.168.1.1"), now + 500ms) == Verdict::answer);
    CHECK(limit.ask(address("192.168.1.1"), now + 500ms) != Verdict::answer);
    for (int i = 0; i < 100; ++i) CHECK(limit.ask(address("192.168.1.1"), now + 1h) == Verdict::answer);
    CHECK(limit.ask(address("192.168.1.1"), now + 1h) != Verdict::answer);
}

TEST(RateLimit, of_none_lets_everything_pass) {
    RateLimit limit({1, 2}, 0);
    for (int i = 0; i < 1000; ++i) CHECK(limit.ask(address("fd00::1"), {}) == Verdict::answer);
    limit.set(1);
    for (int i = 0; i < 10; ++i) CHECK(limit.ask(address("fd00::1"), {}) == Verdict::answer);
    CHECK(limit.ask(address("fd00::1"), {}) == Verdict::drop);
}

} // namespace rate_limit_test
