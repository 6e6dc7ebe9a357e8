#include "office/link_gate.h"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace std::chrono_literals;
using office::LinkGate;

TEST_GROUP(LinkGate) {
    core::ManualClock clock{core::WallTime{1'790'000'000s}};
    std::string outside = "wwan0";
    LinkGate gate{[this] { return outside; },
                  [](std::string const& address) { return address == "10.0.0.2" ? "wwan0" : "eth0"; }};

    static std::shared_ptr<core::Settings const> settings(
        std::initializer_list<std::pair<std::string_view, std::string_view>> values) {
        auto made = std::make_shared<core::Settings>();
        for (auto const& [name, value] : values) CHECK(made->set(name, value).has_value());
        return made;
    }
};

TEST(LinkGate, without_a_list_every_interface_counts) {
    auto const all = settings({{"link.day_budget", "1K"}});
    gate.count("192.168.1.2", 400, *all, clock);
    gate.count("10.0.0.2", 600, *all, clock);
    UNSIGNED_LONGS_EQUAL(1000, gate.usage(clock).today);
    UNSIGNED_LONGS_EQUAL(24, gate.leave(all, clock).largest);
}

TEST(LinkGate, only_metered_interfaces_count) {
    auto const some = settings({{"link.day_budget", "1K"}, {"link.metered", "wwan0"}});
    gate.count("192.168.1.2", 4000, *some, clock);
    UNSIGNED_LONGS_EQUAL(0, gate.usage(clock).today);
    gate.count("10.0.0.2", 4000, *some, clock);
    CHECK(!gate.leave(some, clock).open());
    outside = "eth0";
    gate.network_changed();
    CHECK(gate.leave(some, clock).open());
}

TEST(LinkGate, a_network_that_changed_unseen_is_found_out_soon) {
    auto const some = settings({{"link.metered", "wwan0"}, {"link.large_by_metered", "no"}});
    UNSIGNED_LONGS_EQUAL(64 * 1024, gate.leave(some, clock).largest);
    outside = "eth0";
    clock.advance(5s);
    CHECK(gate.leave(some, clock).largest > 64 * 1024);
}

TEST(LinkGate, large_mail_does_not_wait_for_a_link_that_there_is_not) {
    auto const none = settings({{"link.large_by_metered", "no"}});
    CHECK(gate.leave(none, clock).largest > 64 * 1024);
}

TEST(LinkGate, new_settings_apply_at_once) {
    CHECK(gate.leave(settings({}), clock).open());
    CHECK(!gate.leave(settings({{"link.hold", "yes"}}), clock).open());
}

TEST(LinkGate, what_was_used_outlives_a_restart) {
    auto const all = settings({});
    gate.count("x", 900'000, *all, clock);
    CHECK(gate.anything_to_keep() && !gate.much_to_keep());
    gate.count("x", 900'000, *all, clock);
    CHECK(gate.much_to_keep());
    LinkGate after;
    after.begin(gate.keep());
    CHECK(!gate.anything_to_keep() && !after.anything_to_keep());
    UNSIGNED_LONGS_EQUAL(1'800'000, after.usage(clock).today);
    clock.advance(24h);
    UNSIGNED_LONGS_EQUAL(0, after.usage(clock).today);
}
