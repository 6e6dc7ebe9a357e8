#include "store/gathering.h"

#include <CppUTest/TestHarness.h>

namespace postern::store::test {

using namespace std::chrono_literals;

// clang-format off
TEST_GROUP(StoreGathering) {
    Gathering gathering;
    Gathering::Clock::time_point began{1h};
};
// clang-format on

TEST(StoreGathering, waits_for_those_who_were_answered_and_those_who_wait) {
    gathering.note(3, 2, began, began + 20ms);
    UNSIGNED_LONGS_EQUAL(5, gathering.enough());
    CHECK(gathering.until() == began + 30ms);
}

TEST(StoreGathering, has_enough_with_a_lone_client) {
    gathering.note(1, 0, began, began + 20ms);
    UNSIGNED_LONGS_EQUAL(1, gathering.enough());
}

TEST(StoreGathering, waits_for_nobody_where_batches_are_quick) {
    gathering.note(3, 2, began, began + Gathering::slow);
    CHECK(gathering.until() == began + Gathering::slow);
}

} // namespace postern::store::test
