#include "imap/sequence_numbers.h"

#include <algorithm>
#include <utility>

namespace postern::imap {

using core::Uid;
using core::UidSet;

SequenceNumbers::SequenceNumbers(UidSet uids) : uids_(std::move(uids)) { count(); }

void SequenceNumbers::count() {
    before_.clear();
    size_ = 0;
    for (UidSet::Range const& range : uids_.ranges()) {
        before_.push_back(size_);
        size_ += range.last - range.first + 1;
    }
}

std::optional<Uid> SequenceNumbers::last() const {
    if (uids_.empty()) return std::nullopt;
    return static_cast<Uid>(uids_.ranges().back().last);
}

std::optional<std::uint32_t> SequenceNumbers::number(Uid uid) const {
    auto const ranges = uids_.ranges();
    auto const at = std::ranges::lower_bound(ranges, core::number(uid), {}, &UidSet::Range::last);
    if (at == ranges.end() || at->first > core::number(uid)) return std::nullopt;
    return before_[static_cast<std::size_t>(at - ranges.begin())] + (core::number(uid) - at->first) + 1;
}

std::optional<Uid> SequenceNumbers::uid(std::uint32_t number) const {
    if (number == 0 || number > size_) return std::nullopt;
    auto const at = std::ranges::lower_bound(before_, number) - before_.begin() - 1; // the last with fewer before it
    auto const index = static_cast<std::size_t>(at);
    return static_cast<Uid>(uids_.ranges()[index].first + (number - before_[index] - 1));
}

UidSet SequenceNumbers::uids_of(UidSet const& numbers) const {
    UidSet result;
    auto const ranges = uids_.ranges();
    std::size_t at = 0;
    for (UidSet::Range const& wanted : numbers.ranges()) {
        for (; at < ranges.size(); ++at) {
            std::uint32_t const first = before_[at] + 1;
            std::uint32_t const last = before_[at] + (ranges[at].last - ranges[at].first + 1);
            if (last < wanted.first) continue;
            if (first > wanted.last) break;
            std::uint32_t const from = std::max(first, wanted.first), to = std::min(last, wanted.last);
            result.add_range(ranges[at].first + (from - first), ranges[at].first + (to - first));
            if (last > wanted.last) break; // the next wanted range may lie in this one too
        }
    }
    return result;
}

UidSet SequenceNumbers::numbers_of(UidSet const& uids) const {
    UidSet result;
    UidSet const known = common(uids, uids_);
    for (UidSet::Range const& range : known.ranges())
        result.add_range(*number(static_cast<Uid>(range.first)), *number(static_cast<Uid>(range.last)));
    return result;
}

void SequenceNumbers::add(UidSet const& uids) {
    uids_.add(uids);
    count();
}

void SequenceNumbers::remove(UidSet const& uids) {
    uids_.remove(uids);
    count();
}

UidSet common(UidSet const& left, UidSet const& right) {
    UidSet result;
    auto const a = left.ranges(), b = right.ranges();
    for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
        std::uint32_t const first = std::max(a[i].first, b[j].first), last = std::min(a[i].last, b[j].last);
        if (first <= last) result.add_range(first, last);
        if (a[i].last < b[j].last)
            ++i;
        else
            ++j;
    }
    return result;
}

} // namespace postern::imap
