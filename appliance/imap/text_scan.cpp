#include "imap/text_scan.h"

#include "message/encoded_word.h"
#include "message/header.h"
#include "text/ascii.h"

#include <algorithm>

namespace postern::imap {

namespace {

constexpr std::uint64_t slice_octets = 128 * 1024;
constexpr std::size_t header_octets = message::Limits{}.header_octets; // a longer header is not looked through

std::vector<std::string> folded(std::vector<Needle> const& needles) {
    std::vector<std::string> result;
    for (Needle const& needle : needles) result.push_back(needle.folded);
    return result;
}

// Each field as a line, as people read it.
std::string decode_header(std::string_view header) {
    std::string text;
    for (message::Field const& field : message::HeaderSection(header)) {
        text += field.name;
        text += ": ";
        text += message::decode_words(message::unfold(field.raw_body));
        text += "\r\n";
    }
    return text;
}

std::string_view parameter(message::PartView const& part, std::string_view name) {
    for (message::ParameterView const& candidate : part.parameters)
        if (text::iequals(candidate.name, name)) return candidate.value;
    return {};
}

} // namespace

TextScan::TextScan(std::vector<Needle> const& needles, message::StructureView const& structure)
    : in_header_(folded(needles)), in_body_(folded(needles)) {
    for (Needle const& needle : needles) header_too_.push_back(needle.header_too);
    message::PartView const& root = structure.root;
    if (std::ranges::contains(header_too_, true))
        pieces_.push_back({.kind = Piece::Kind::message_header, .begin = root.header_begin, .end = root.body_begin});
    add_parts(root);
    if (!pieces_.empty()) begin_piece();
}

void TextScan::add_parts(message::PartView const& part) {
    if (message::is_message(part) && !part.children.empty()) {
        message::PartView const inner = *part.children.begin();
        pieces_.push_back({.kind = Piece::Kind::inner_header, .begin = inner.header_begin, .end = inner.body_begin});
    }
    for (message::PartView const& child : part.children) add_parts(child);
    if (!part.children.empty() || !text::iequals(part.type, "text")) return;
    pieces_.push_back({.kind = Piece::Kind::text,
                       .begin = part.body_begin,
                       .end = part.body_end,
                       .encoding = std::string(part.encoding),
                       .charset = std::string(parameter(part, "charset")),
                       .html = text::iequals(part.subtype, "html")});
}

bool TextScan::step(store::MessageReader& reader, store::MessageView const& message, std::uint64_t& octets) {
    while (at_ < pieces_.size()) {
        Piece const& piece = pieces_[at_];
        if (offset_ < piece.end) {
            if (octets == 0) return false;
            read_.clear();
            auto const read = reader.read_body(message, offset_, std::min(slice_octets, piece.end - offset_), read_);
            if (read && !read_.empty()) {
                feed(read_);
                offset_ += read_.size();
                octets -= std::min<std::uint64_t>(octets, read_.size());
                continue;
            }
        }
        end_piece();
        if (++at_ < pieces_.size()) begin_piece();
    }
    return true;
}

void TextScan::begin_piece() {
    Piece const& piece = pieces_[at_];
    offset_ = piece.begin;
    if (piece.kind == Piece::Kind::text)
        extractor_.emplace(piece.encoding, piece.charset, piece.html,
                           [this](std::string_view utf8) { in_body_.feed(utf8); });
}

void TextScan::feed(std::string_view octets) {
    if (extractor_)
        extractor_->feed(octets);
    else if (header_.size() < header_octets)
        header_ += octets;
}

void TextScan::end_piece() {
    if (extractor_) {
        extractor_->finish();
        extractor_.reset();
        in_body_.end_text();
        return;
    }
    NeedleFinder& finder = pieces_[at_].kind == Piece::Kind::message_header ? in_header_ : in_body_;
    finder.feed(decode_header(header_));
    finder.end_text();
    header_.clear();
}

std::optional<bool> TextScan::found(std::size_t needle) const {
    if (in_body_.found(needle) || (header_too_[needle] && in_header_.found(needle))) return true;
    if (at_ < pieces_.size()) return std::nullopt;
    return false;
}

} // namespace postern::imap
