#include "imap/sequence_numbers.h"

#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <random>
#include <vector>

using namespace postern;
using core::Uid;
using core::UidSet;
using imap::SequenceNumbers;

namespace {

UidSet set_of(std::initializer_list<UidSet::Range> ranges) {
    UidSet set;
    for (UidSet::Range const& range : ranges) set.add_range(range.first, range.last);
    return set;
}

} // namespace

TEST_GROUP(SequenceNumbers){};

TEST(SequenceNumbers, number_uids_from_one_in_ascending_order) {
    SequenceNumbers const numbers(set_of({{3, 5}, {9, 9}, {20, 30}}));
    CHECK_EQUAL(15u, numbers.size());
    CHECK_EQUAL(1u, *numbers.number(Uid{3}));
    CHECK_EQUAL(4u, *numbers.number(Uid{9}));
    CHECK_EQUAL(5u, *numbers.number(Uid{20}));
    CHECK_EQUAL(15u, *numbers.number(Uid{30}));
    CHECK(!numbers.number(Uid{6}));
    CHECK(!numbers.number(Uid{31}));
    CHECK(Uid{30} == *numbers.last());
}

TEST(SequenceNumbers, find_the_uids_of_numbers) {
    SequenceNumbers const numbers(set_of({{3, 5}, {9, 9}, {20, 30}}));
    CHECK(numbers.uids_of(set_of({{1, 1}, {4, 6}, {15, 20}})) == set_of({{3, 3}, {9, 9}, {20, 21}, {30, 30}}));
}

TEST(SequenceNumbers, of_an_empty_mailbox_are_none) {
    SequenceNumbers const numbers;
    CHECK_EQUAL(0u, numbers.size());
    CHECK(!numbers.number(Uid{1}));
    CHECK(!numbers.last());
    CHECK(numbers.uids_of(set_of({{1, 4}})).empty());
}

TEST(SequenceNumbers, close_up_when_messages_go) {
    SequenceNumbers numbers(set_of({{1, 10}}));
    numbers.remove(set_of({{2, 3}, {7, 7}, {99, 99}}));
    CHECK_EQUAL(7u, numbers.size());
    CHECK_EQUAL(2u, *numbers.number(Uid{4}));
    CHECK_EQUAL(7u, *numbers.number(Uid{10}));
}

TEST(SequenceNumbers, reach_the_end_of_32_bits) {
    SequenceNumbers const numbers(set_of({{0xFFFFFFFF, 0xFFFFFFFF}, {1, 1}}));
    CHECK_EQUAL(2u, *numbers.number(Uid{0xFFFFFFFF}));
    CHECK(numbers.uids_of(set_of({{1, 0xFFFFFFFF}})) == set_of({{1, 1}, {0xFFFFFFFF, 0xFFFFFFFF}}));
}

// Against the plain way of doing it: a sorted list.
TEST(SequenceNumbers, agree_with_a_list) {
    std::mt19937 random(1);
    std::vector<Uid> list;
    SequenceNumbers numbers;
    for (std::uint32_t uid = 1; uid < 3000; ++uid)
        if (random() % 3 != 0) list.push_back(Uid{uid});
    UidSet all;
    for (Uid const uid : list) all.add(uid);
    numbers.add(all);
    for (int round = 0; round < 50; ++round) {
        UidSet gone;
        for (int i = 0; i < 20; ++i) gone.add(Uid{static_cast<std::uint32_t>(random() % 3000 + 1)});
        numbers.remove(gone);
        std::erase_if(list, [&](Uid uid) { return gone.contains(uid); });
        CHECK_EQUAL(list.size(), numbers.size());
        std::uint32_t const at = static_cast<std::uint32_t>(random() % list.size());
        CHECK_EQUAL(at + 1, *numbers.number(list[at]));
        UidSet wanted, expected, back;
        for (int i = 0; i < 10; ++i) wanted.add(Uid{static_cast<std::uint32_t>(random() % 3000 + 1)});
        wanted.for_each([&](Uid number) {
            if (core::number(number) <= list.size()) {
                expected.add(list[core::number(number) - 1]);
                back.add(number);
            }
        });
        CHECK(expected == numbers.uids_of(wanted));
        CHECK(back == numbers.numbers_of(expected));
    }
}

TEST(SequenceNumbers, common_is_what_two_sets_share) {
    CHECK(imap::common(set_of({{1, 5}, {8, 20}}), set_of({{4, 9}, {11, 11}, {20, 30}})) ==
          set_of({{4, 5}, {8, 9}, {11, 11}, {20, 20}}));
    CHECK(imap::common(set_of({{1, 5}}), {}).empty());
    CHECK(imap::common(set_of({{1, 5}}), set_of({{6, 9}})).empty());
}
