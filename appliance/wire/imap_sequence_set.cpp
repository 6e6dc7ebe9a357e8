#include "wire/imap_sequence_set.h"

#include <algorithm>
#include <charconv>

namespace postern::wire::imap {

namespace {

// RFC 3501 §9: seq-number = nz-number / "*"
std::optional<std::uint32_t> take_seq_number(std::string_view& text) {
    if (text.starts_with('*')) {
        text.remove_prefix(1);
        return SequenceSet::star;
    }
    std::uint32_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number == 0 || text.starts_with('0')) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

bool take(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

std::string spell(std::uint32_t number) { return number == SequenceSet::star ? "*" : std::to_string(number); }

} // namespace

SequenceSet SequenceSet::saved() {
    SequenceSet set;
    set.saved_ = true;
    return set;
}

std::optional<SequenceSet> SequenceSet::parse(std::string_view text) {
    if (text == "$") return saved();
    std::vector<Range> ranges;
    do {
        auto const first = take_seq_number(text);
        if (!first) return std::nullopt;
        auto const last = take(text, ':') ? take_seq_number(text) : first;
        if (!last) return std::nullopt;
        ranges.push_back({*first, *last});
    } while (take(text, ','));
    if (!text.empty()) return std::nullopt;
    return SequenceSet(std::move(ranges));
}

core::UidSet SequenceSet::resolve(std::uint32_t largest) const {
    std::vector<Range> resolved;
    resolved.reserve(ranges_.size());
    for (auto [first, last] : ranges_) {
        if (first == star) first = largest;
        if (last == star) last = largest;
        if (first == 0 || last == 0) continue;
        resolved.push_back({std::min(first, last), std::max(first, last)});
    }
    // In ascending order a UidSet grows at its end alone.
    std::ranges::sort(resolved, {}, &Range::first);
    core::UidSet set;
    for (Range const& range : resolved) set.add_range(range.first, range.last);
    return set;
}

std::string SequenceSet::to_string() const {
    if (saved_) return "$";
    std::string out;
    for (auto const& [first, last] : ranges_) {
        if (!out.empty()) out += ',';
        out += spell(first);
        if (first != last) out += ':' + spell(last);
    }
    return out;
}

} // namespace postern::wire::imap
