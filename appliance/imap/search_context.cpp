#include "imap/search_context.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace postern::imap {

using wire::imap::ResultUpdate;

namespace {

bool comes_before(SearchContext::Result const& left, SearchContext::Result const& right) {
    return std::tie(left.key, left.uid) < std::tie(right.key, right.uid);
}

} // namespace

SearchContext::SearchContext(wire::imap::SearchCorrelator correlator, bool uid,
                             std::shared_ptr<SearchProgram const> program,
                             std::vector<wire::imap::SortCriterion> criteria, std::vector<Result> found,
                             std::vector<wire::imap::FetchItem> items)
    : correlator_(std::move(correlator)),
      uid_(uid),
      program_(std::move(program)),
      criteria_(std::move(criteria)),
      items_(std::move(items)) {
    for (Result const& result : found) uids_.add(result.uid);
    if (!criteria_.empty()) sorted_ = std::move(found);
}

void SearchContext::update(std::string& out, core::UidSet const& looked_at, std::vector<Result> found,
                           SequenceNumbers const& numbers) {
    core::UidSet leaving = common(uids_, looked_at), staying;
    for (Result const& result : found) staying.add(result.uid);
    leaving.remove(staying);
    std::erase_if(found, [this](Result const& result) { return uids_.contains(result.uid); });
    auto const removed = take_out(leaving, numbers);
    auto const added = put_in(std::move(found), numbers);
    wire::imap::put_result_updates(out, correlator_, uid_, removed, added);
}

// RFC 5267 §4.3.4: each place is one that the client's list has once those before it have left.
std::vector<ResultUpdate> SearchContext::take_out(core::UidSet const& uids, SequenceNumbers const& numbers) {
    std::vector<ResultUpdate> updates;
    if (uids.empty()) return updates;
    uids_.remove(uids);
    if (criteria_.empty()) {
        updates.push_back({0, {}});
        uids.for_each([&](core::Uid uid) { updates.back().numbers.push_back(called(uid, numbers)); });
        return updates;
    }
    std::uint32_t place = 1;
    std::erase_if(sorted_, [&](Result const& result) {
        if (!uids.contains(result.uid)) return ++place, false;
        if (updates.empty() || updates.back().position != place) updates.push_back({place, {}});
        updates.back().numbers.push_back(called(result.uid, numbers));
        return true;
    });
    return updates;
}

// §4.3.3: each place is one that the client's list has with those before it.
std::vector<ResultUpdate> SearchContext::put_in(std::vector<Result> results, SequenceNumbers const& numbers) {
    std::vector<ResultUpdate> updates;
    if (results.empty()) return updates;
    for (Result const& result : results) uids_.add(result.uid);
    if (criteria_.empty()) {
        std::ranges::sort(results, {}, &Result::uid);
        updates.push_back({0, {}});
        for (Result const& result : results) updates.back().numbers.push_back(called(result.uid, numbers));
        return updates;
    }
    std::ranges::sort(results, comes_before);
    std::vector<Result> merged;
    merged.reserve(sorted_.size() + results.size());
    auto old = sorted_.begin();
    for (Result& result : results) {
        auto const upto = std::lower_bound(old, sorted_.end(), result, comes_before);
        bool const goes_on = upto == old && !updates.empty();
        std::move(old, upto, std::back_inserter(merged));
        old = upto;
        if (!goes_on) updates.push_back({static_cast<std::uint32_t>(merged.size()) + 1, {}});
        updates.back().numbers.push_back(called(result.uid, numbers));
        merged.push_back(std::move(result));
    }
    std::move(old, sorted_.end(), std::back_inserter(merged));
    sorted_ = std::move(merged);
    return updates;
}

std::uint32_t SearchContext::called(core::Uid uid, SequenceNumbers const& numbers) const {
    return uid_ ? core::number(uid) : numbers.number(uid).value();
}

std::size_t SearchContext::held_octets() const {
    std::size_t octets = sizeof *this + imap::held_octets(*program_);
    octets += uids_.ranges().size() * sizeof(core::UidSet::Range) + sorted_.capacity() * sizeof(Result);
    octets += items_.capacity() * sizeof(wire::imap::FetchItem);
    for (Result const& result : sorted_) octets += result.key.capacity();
    return octets;
}

} // namespace postern::imap
