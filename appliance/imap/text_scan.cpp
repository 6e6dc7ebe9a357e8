#include "imap/text_scan.h"

#include <algorithm>

namespace postern::imap {

using message::TextWalk;

namespace {

constexpr std::uint64_t slice_octets = 128 * 1024;

std::vector<std::string> folded(std::vector<Needle> const& needles) {
    std::vector<std::string> result;
    for (Needle const& needle : needles) result.push_back(needle.folded);
    return result;
}

} // namespace

TextScan::TextScan(std::vector<Needle> const& needles, message::StructureView const& structure)
    : in_header_(folded(needles)),
      in_body_(folded(needles)),
      walk_(structure, std::ranges::contains(needles, true, &Needle::header_too), *this) {
    for (Needle const& needle : needles) header_too_.push_back(needle.header_too);
}

bool TextScan::step(store::MessageReader& reader, store::MessageView const& message, std::uint64_t& octets) {
    while (auto const wanted = walk_.wanted()) {
        if (octets == 0) return false;
        read_.clear();
        auto const [begin, end] = *wanted;
        if (!reader.read_body(message, begin, std::min(slice_octets, end - begin), read_)) read_.clear();
        octets -= std::min<std::uint64_t>(octets, read_.size());
        walk_.feed(read_);
    }
    return true;
}

NeedleFinder& TextScan::finder(TextWalk::Place place) {
    return place == TextWalk::Place::header ? in_header_ : in_body_;
}

void TextScan::text(TextWalk::Place place, std::string_view utf8) { finder(place).feed(utf8); }

void TextScan::end_text(TextWalk::Place place) { finder(place).end_text(); }

std::optional<bool> TextScan::found(std::size_t needle) const {
    if (in_body_.found(needle) || (header_too_[needle] && in_header_.found(needle))) return true;
    if (walk_.wanted()) return std::nullopt;
    return false;
}

} // namespace postern::imap
