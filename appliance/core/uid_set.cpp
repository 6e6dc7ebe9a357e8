#include "core/uid_set.h"

#include "core/varint.h"

#include <algorithm>
#include <format>
#include <iterator>
#include <limits>

namespace postern::core {

void UidSet::add_range(std::uint32_t first, std::uint32_t last) {
    if (first > last) std::swap(first, last);
    if (ranges_.empty() || first > ranges_.back().last) { // ascending: the common case
        if (!ranges_.empty() && first - ranges_.back().last == 1)
            ranges_.back().last = last;
        else
            ranges_.push_back({first, last});
        return;
    }
    // The ranges that overlap or touch [first, last] melt into one.
    auto const from = std::ranges::lower_bound(ranges_, first, {}, [](Range const& range) {
        return range.last == std::numeric_limits<std::uint32_t>::max() ? range.last : range.last + 1;
    });
    auto to = from;
    while (to != ranges_.end() && (to->first <= last || to->first - last == 1)) {
        first = std::min(first, to->first);
        last = std::max(last, to->last);
        ++to;
    }
    auto const at = ranges_.erase(from, to);
    ranges_.insert(at, {first, last});
}

void UidSet::add(UidSet const& other) {
    std::vector<Range> both;
    both.reserve(ranges_.size() + other.ranges_.size());
    std::ranges::merge(ranges_, other.ranges_, std::back_inserter(both), {}, &Range::first, &Range::first);
    ranges_.clear();
    for (Range const& range : both) { // in ascending order of their beginnings
        if (!ranges_.empty() && (range.first <= ranges_.back().last || range.first - ranges_.back().last == 1))
            ranges_.back().last = std::max(ranges_.back().last, range.last);
        else
            ranges_.push_back(range);
    }
}

void UidSet::remove(UidSet const& other) {
    std::vector<Range> rest;
    auto hole = other.ranges_.begin();
    for (Range range : ranges_) {
        while (hole != other.ranges_.end() && hole->last < range.first) ++hole;
        bool left_over = true;
        for (auto cut = hole; cut != other.ranges_.end() && cut->first <= range.last; ++cut) {
            if (cut->first > range.first) rest.push_back({range.first, cut->first - 1});
            if (cut->last >= range.last) {
                left_over = false;
                break;
            }
            range.first = std::max(range.first, cut->last + 1);
        }
        if (left_over) rest.push_back(range);
    }
    ranges_ = std::move(rest);
}

bool UidSet::contains(Uid uid) const {
    auto const at = std::ranges::lower_bound(ranges_, number(uid), {}, &Range::last);
    return at != ranges_.end() && at->first <= number(uid);
}

std::uint64_t UidSet::size() const {
    std::uint64_t count = 0;
    for (Range const& range : ranges_) count += std::uint64_t{range.last} - range.first + 1;
    return count;
}

std::string UidSet::to_string() const {
    std::string text;
    for (Range const& range : ranges_) {
        if (!text.empty()) text += ',';
        if (range.first == range.last)
            text += std::format("{}", range.first);
        else
            text += std::format("{}:{}", range.first, range.last);
    }
    return text;
}

std::string UidSet::encode() const {
    std::string octets;
    std::uint64_t least = 0; // the smallest value the next range may begin with
    for (Range const& range : ranges_) {
        put_varint(octets, range.first - least);
        put_varint(octets, range.last - range.first);
        least = std::uint64_t{range.last} + 2;
    }
    return octets;
}

std::optional<UidSet> UidSet::decode(std::string_view octets) {
    constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
    UidSet set;
    std::uint64_t least = 0;
    while (!octets.empty()) {
        auto const gap = take_varint(octets);
        auto const length = gap ? take_varint(octets) : std::nullopt;
        if (!length || *gap > most || *length > most || least + *gap + *length > most) return std::nullopt;
        std::uint64_t const first = least + *gap;
        set.ranges_.push_back({static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(first + *length)});
        least = first + *length + 2;
    }
    return set;
}

} // namespace postern::core
