#include "net/event.h"
#include "office/login_throttle.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <CppUTest/TestHarness.h>

#include <format>
#include <memory>
#include <vector>

using namespace postern;
using namespace postern::office;
using namespace std::chrono_literals;

namespace {

core::SteadyTime const start{};

std::chrono::milliseconds fail(LoginThrottle& throttle, std::string_view address, core::SteadyTime now = start) {
    return LoginThrottle::Attempt(throttle, address).failed(now);
}

// An attempt that is under way until it is told to end.
struct Guest {
    explicit Guest(asio::any_io_executor executor) : leave(std::move(executor)) {}
    net::Event leave;
    bool admitted = false;
};

asio::awaitable<void> visit(LoginThrottle& throttle, std::string address, std::shared_ptr<Guest> guest) {
    LoginThrottle::Attempt attempt(throttle, address);
    co_await attempt.turn();
    guest->admitted = true;
    co_await guest->leave.wait();
}

} // namespace

TEST_GROUP(LoginThrottle) {
    LoginThrottle throttle;
    // Its coroutines go before what they use.
    std::unique_ptr<asio::io_context> context = std::make_unique<asio::io_context>();

    void settle() {
        context->restart();
        context->poll();
    }
    std::shared_ptr<Guest> arrive(std::string_view address) {
        auto guest = std::make_shared<Guest>(context->get_executor());
        asio::co_spawn(*context, visit(throttle, std::string(address), guest), asio::detached);
        settle();
        return guest;
    }
    void leave(Guest & guest) {
        guest.leave.raise();
        settle();
    }
};

TEST(LoginThrottle, doubles_the_delay_with_each_failure_up_to_the_longest) {
    CHECK(fail(throttle, "192.168.1.2") == 100ms);
    CHECK(fail(throttle, "192.168.1.2") == 200ms);
    CHECK(fail(throttle, "192.168.1.2") == 400ms);
    for (int i = 0; i < 20; ++i) fail(throttle, "192.168.1.2");
    CHECK(fail(throttle, "192.168.1.2") == LoginThrottle::longest_delay);
}

TEST(LoginThrottle, leaves_other_addresses_alone) {
    for (int i = 0; i < 5; ++i) fail(throttle, "192.168.1.2");
    CHECK(fail(throttle, "192.168.1.3") == 100ms);
}

TEST(LoginThrottle, counts_an_IPv6_host_as_one_by_its_network) {
    fail(throttle, "fd00:1:2:3::1");
    CHECK(fail(throttle, "fd00:1:2:3:aaaa:bbbb:cccc:dddd") == 200ms);
    CHECK(fail(throttle, "fd00:1:2:4::1") == 100ms);
    CHECK(throttled_network("fd00:1:2:3::1") == "fd00:1:2:3::/64");
    CHECK(throttled_network("192.168.1.2") == "192.168.1.2");
}

TEST(LoginThrottle, forgives_with_time) {
    for (int i = 0; i < 4; ++i) fail(throttle, "192.168.1.2");
    CHECK(fail(throttle, "192.168.1.2", start + 3 * LoginThrottle::forgiveness) == 200ms);
    CHECK(fail(throttle, "192.168.1.2", start + 1h) == 100ms);
}

TEST(LoginThrottle, forgives_the_worst_within_minutes) {
    for (int i = 0; i < 1000; ++i) fail(throttle, "192.168.1.2");
    CHECK(fail(throttle, "192.168.1.2", start + 10 * LoginThrottle::forgiveness) == 100ms);
}

TEST(LoginThrottle, keeps_nothing_of_an_address_that_did_not_fail) {
    {
        LoginThrottle::Attempt attempt(throttle, "192.168.1.2");
    }
    CHECK(throttle.addresses() == 0);
}

TEST(LoginThrottle, remembers_a_bounded_number_of_addresses_and_forgets_the_oldest) {
    for (std::size_t i = 0; i < LoginThrottle::most_addresses + 10; ++i)
        fail(throttle, std::format("10.{}.{}.1", i / 256, i % 256), start + std::chrono::seconds(i));
    CHECK(throttle.addresses() == LoginThrottle::most_addresses);
    CHECK(fail(throttle, "10.0.0.1", start) == 100ms);
}

TEST(LoginThrottle, admits_a_few_attempts_of_an_address_and_the_next_as_one_ends) {
    constexpr unsigned most = LoginThrottle::attempts_at_once;
    std::vector<std::shared_ptr<Guest>> guests;
    for (unsigned i = 0; i < most + 3; ++i) guests.push_back(arrive("192.168.1.2"));
    for (unsigned i = 0; i < guests.size(); ++i) CHECK(guests[i]->admitted == (i < most));
    CHECK(arrive("192.168.1.3")->admitted);

    leave(*guests[2]);
    CHECK(guests[most]->admitted);
    CHECK_FALSE(guests[most + 1]->admitted);
    leave(*guests[0]);
    CHECK(guests[most + 1]->admitted);
    CHECK_FALSE(guests[most + 2]->admitted);

    for (auto const& guest : guests) leave(*guest);
    CHECK(guests.back()->admitted);
    CHECK(throttle.addresses() == 1); // the one that has not left
}

TEST(LoginThrottle, forgets_who_went_away_while_standing_in_line) {
    for (unsigned i = 0; i < LoginThrottle::attempts_at_once + 3; ++i) arrive("192.168.1.2");
    context.reset(); // as when the daemon ends: every coroutine is destroyed where it stands
    context = std::make_unique<asio::io_context>();
    CHECK(throttle.addresses() == 0);
    CHECK(arrive("192.168.1.2")->admitted);
}
