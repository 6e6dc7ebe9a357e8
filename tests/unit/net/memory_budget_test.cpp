#include "net/memory_budget.h"

#include <CppUTest/TestHarness.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace postern::net;

TEST_GROUP(MemoryBudget) {
    MemoryBudget budget{1000};
    MemoryShare alice{budget, "192.168.1.20"};
};

TEST(MemoryBudget, what_is_held_is_given_back_at_the_end) {
    {
        MemoryShare share(budget, "192.168.1.20");
        CHECK_TRUE(share.resize(300));
        CHECK_TRUE(share.resize(100));
        CHECK_TRUE(alice.resize(50));
        LONGS_EQUAL(150, budget.held());
    }
    LONGS_EQUAL(50, budget.held());
}

TEST(MemoryBudget, tells_what_was_given_back_since_it_was_asked) {
    CHECK_TRUE(alice.resize(400));
    CHECK_TRUE(alice.resize(100));
    LONGS_EQUAL(300, budget.take_ebb());
    LONGS_EQUAL(0, budget.take_ebb());
    CHECK_TRUE(alice.resize(150));
    LONGS_EQUAL(0, budget.take_ebb());
    alice.account(0);
    LONGS_EQUAL(150, budget.take_ebb());
}

TEST(MemoryBudget, one_address_holds_no_more_than_it_leaves_free) {
    CHECK_FALSE(alice.resize(501));
    LONGS_EQUAL(0, alice.octets());
    CHECK_TRUE(alice.resize(400));
    MemoryShare second = alice.beside();
    CHECK_FALSE(second.resize(101)); // together they would have 501
    CHECK_TRUE(second.resize(100));
}

TEST(MemoryBudget, whoever_comes_last_finds_room) {
    std::vector<MemoryShare> greedy;
    for (int i = 0; i < 5; ++i) {
        MemoryShare& share = greedy.emplace_back(budget, "10.0.0." + std::to_string(i));
        for (std::size_t octets = 1; share.resize(octets); ++octets) {
        }
    }
    CHECK_TRUE(budget.held() < 1000);
    CHECK_TRUE(alice.resize(10));
}

TEST(MemoryBudget, what_is_there_counts_even_beyond_the_ceiling) {
    alice.account(5000);
    LONGS_EQUAL(5000, budget.held());
    MemoryShare other(budget, "192.168.1.21");
    CHECK_FALSE(other.resize(1));
    CHECK_TRUE(alice.resize(4000)); // less always fits
    alice.account(0);
    CHECK_TRUE(other.resize(1));
}

TEST(MemoryBudget, a_share_moves_with_what_it_holds) {
    CHECK_TRUE(alice.resize(100));
    std::optional<MemoryShare> moved(std::move(alice));
    LONGS_EQUAL(100, moved->octets());
    LONGS_EQUAL(100, budget.held());
    MemoryShare target(budget, "192.168.1.21");
    CHECK_TRUE(target.resize(30));
    target = std::move(*moved);
    moved.reset();
    LONGS_EQUAL(100, target.octets());
    LONGS_EQUAL(100, budget.held());
}

TEST(MemoryBudget, a_share_outlives_its_budget) {
    std::optional<MemoryBudget> brief(std::in_place, 100);
    MemoryShare share(*brief, "192.168.1.20");
    CHECK_TRUE(share.resize(10));
    brief.reset();
    CHECK_TRUE(share.resize(20));
}

TEST(MemoryBudget, without_a_budget_there_is_always_room) {
    MemoryShare share;
    CHECK_TRUE(share.resize(std::size_t{1} << 40));
}
