#include "core/uid_set.h"

#include <CppUTest/TestHarness.h>

#include <random>
#include <set>

using namespace postern::core;

namespace {

constexpr std::uint32_t most = 0xFFFFFFFFU;

// What the set holds, told the slow way.
std::set<std::uint32_t> members(UidSet const& set) {
    std::set<std::uint32_t> numbers;
    set.for_each([&](Uid uid) { numbers.insert(number(uid)); });
    return numbers;
}

bool is_canonical(UidSet const& set) {
    std::optional<std::uint32_t> last;
    for (auto const& range : set.ranges()) {
        if (range.first > range.last || (last && range.first <= std::uint64_t{*last} + 1)) return false;
        last = range.last;
    }
    return true;
}

} // namespace

TEST_GROUP(UidSetGroup){};

TEST(UidSetGroup, behaves_as_a_set_of_numbers_whatever_the_order) {
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        UidSet set, other;
        std::set<std::uint32_t> truth, removed;
        for (int i = 0; i < 20; ++i) {
            std::uint32_t const first = random() % 60 + 1;
            std::uint32_t const last = first + random() % 6;
            UidSet& target = i % 3 == 0 ? other : set;
            std::set<std::uint32_t>& numbers = i % 3 == 0 ? removed : truth;
            target.add_range(first, last);
            for (auto value = first; value <= last; ++value) numbers.insert(value);
            CHECK(is_canonical(target));
        }
        CHECK(members(set) == truth);
        CHECK(set.size() == truth.size());
        for (std::uint32_t value = 1; value < 70; ++value) CHECK(set.contains(Uid{value}) == truth.contains(value));
        CHECK(UidSet::decode(set.encode()) == set);

        UidSet joined = set;
        joined.add(other);
        auto both = truth;
        both.insert(removed.begin(), removed.end());
        CHECK(members(joined) == both && is_canonical(joined));

        set.remove(other);
        for (auto value : removed) truth.erase(value);
        CHECK(members(set) == truth && is_canonical(set));
    }
}

TEST(UidSetGroup, reaches_to_the_last_number_there_is) {
    UidSet set;
    set.add_range(5, most);
    set.add(Uid{most});
    set.add(Uid{3});
    set.add(Uid{4});
    STRCMP_EQUAL("3:4294967295", set.to_string().c_str());
    CHECK(set.size() == std::uint64_t{most} - 2);
    CHECK(UidSet::decode(set.encode()) == set);
    set.remove(UidSet{Uid{most}});
    STRCMP_EQUAL("3:4294967294", set.to_string().c_str());
}

TEST(UidSetGroup, is_written_as_a_sequence_set) {
    STRCMP_EQUAL("", UidSet{}.to_string().c_str());
    STRCMP_EQUAL("1:3,5,7:8", (UidSet{Uid{3}, Uid{1}, Uid{2}, Uid{5}, Uid{8}, Uid{7}}).to_string().c_str());
}

TEST(UidSetGroup, refuses_octets_that_it_would_not_write) {
    using namespace std::string_literals;
    CHECK(!UidSet::decode("\x05"s));                                         // a range without its length
    CHECK(!UidSet::decode("\x80\x00\x00"s));                                 // a number not in its shortest form
    CHECK(!UidSet::decode("\xFF\xFF\xFF\xFF\x0F\x01"s));                     // past the last UID
    CHECK(!UidSet::decode("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F\x00"s)); // past 64 bits
    CHECK(UidSet::decode("\xFF\xFF\xFF\xFF\x0F\x00"s).has_value());
}
