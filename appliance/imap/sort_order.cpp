#include "imap/sort_order.h"

#include "message/base_subject.h"
#include "message/envelope.h"
#include "message/thread_keys.h"

#include <algorithm>
#include <numeric>

namespace postern::imap {

using message::SearchField;
using wire::imap::SortCriterion;

namespace {

constexpr std::size_t text_limit = 255; // octets of a text that count: nobody's order is finer, and memory is bounded

} // namespace

std::string search_text(store::MessageView const& message, SearchField field) {
    if (auto const kept = message::packed_search_text(message.search_texts, field)) return std::string(*kept);
    return message::search_text(message::decode_envelope(message.envelope).value_or(message::EnvelopeView{}), field);
}

void SortOrder::add(store::MessageView const& message) {
    std::size_t const begin = keys_.size();
    for (SortCriterion const& criterion : criteria_) {
        std::size_t const from = keys_.size();
        put(criterion.key, message);
        if (criterion.reverse)
            std::transform(keys_.begin() + static_cast<std::ptrdiff_t>(from), keys_.end(),
                           keys_.begin() + static_cast<std::ptrdiff_t>(from),
                           [](char c) { return static_cast<char>(~c); });
    }
    std::uint64_t first = 0;
    for (std::size_t at = begin; at < begin + sizeof first; ++at)
        first = first << 8 | (at < keys_.size() ? static_cast<unsigned char>(keys_[at]) : 0U);
    entries_.push_back({first, keys_.size()});
}

void SortOrder::put(SortCriterion::Key key, store::MessageView const& message) {
    using enum SortCriterion::Key;
    auto const first = [&message](SearchField field) { return search_text(message, field); };
    switch (key) {
    case arrival: return put_number(message.internal_date.time_since_epoch().count());
    case date:
        return put_number(
            message::decode_sent(message.thread_keys).value_or(message.internal_date).time_since_epoch().count());
    case size: return put_number(static_cast<std::int64_t>(message.size));
    case from: return put_text(message::first_address(first(SearchField::from)).mailbox);
    case to: return put_text(message::first_address(first(SearchField::to)).mailbox);
    case cc: return put_text(message::first_address(first(SearchField::cc)).mailbox);
    case display_from: return put_text(message::first_address(first(SearchField::from)).display);
    case display_to: return put_text(message::first_address(first(SearchField::to)).display);
    case subject: return put_text(message::base_subject(message::whole_subject(first(SearchField::subject))).text);
    }
}

void SortOrder::put_number(std::int64_t number) {
    auto const ordered = static_cast<std::uint64_t>(number) ^ std::uint64_t{1} << 63; // negative ones first
    for (int shift = 56; shift >= 0; shift -= 8) keys_ += static_cast<char>(ordered >> shift & 0xff);
}

// Ends in NUL, which is less than whatever a longer text has in that place.
void SortOrder::put_text(std::string_view text) {
    for (char const c : text.substr(0, text_limit)) keys_ += c == '\0' ? '\1' : c;
    keys_ += '\0';
}

std::string_view SortOrder::key(std::uint32_t place) const {
    std::size_t const begin = place == 0 ? 0 : entries_[place - 1].end;
    return std::string_view(keys_).substr(begin, entries_[place].end - begin);
}

std::vector<std::uint32_t> SortOrder::places() const {
    std::vector<std::uint32_t> order(entries_.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, [this](std::uint32_t left, std::uint32_t right) {
        if (entries_[left].first != entries_[right].first) return entries_[left].first < entries_[right].first;
        int const compared = key(left).compare(key(right));
        return compared != 0 ? compared < 0 : left < right;
    });
    return order;
}

} // namespace postern::imap
