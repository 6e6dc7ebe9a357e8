// A sequence set: written as it was read, and meaning what a naive reading of its ranges means.
#include "wire/imap_sequence_set.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

using namespace postern;
using wire::imap::SequenceSet;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

bool means(SequenceSet const& set, std::uint32_t number, std::uint32_t largest) {
    return std::ranges::any_of(set.ranges(), [&](SequenceSet::Range range) {
        if (range.first == SequenceSet::star) range.first = largest;
        if (range.last == SequenceSet::star) range.last = largest;
        auto const [low, high] = std::minmax(range.first, range.last);
        return low > 0 && low <= number && number <= high;
    });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const set = SequenceSet::parse(std::string_view(reinterpret_cast<char const*>(data), size));
    if (!set) return 0;
    require(set->ranges().empty() == set->is_saved());
    require(SequenceSet::parse(set->to_string()) == set);
    for (std::uint32_t const largest : {0U, 1U, 7U, 4294967295U}) {
        core::UidSet const resolved = set->resolve(largest);
        std::uint64_t above = 0; // the range before it, so that they are sorted, disjoint and not adjacent
        for (auto const& range : resolved.ranges()) {
            require(range.first <= range.last && range.first > above);
            above = std::uint64_t{range.last} + 1;
        }
        for (std::uint32_t number = 1; number <= 12; ++number)
            require(resolved.contains(core::Uid{number}) == means(*set, number, largest));
        for (auto const& range : set->ranges())
            for (std::uint32_t const number : {range.first, range.last})
                if (number != SequenceSet::star)
                    require(resolved.contains(core::Uid{number}) == means(*set, number, largest));
    }
    return 0;
}
