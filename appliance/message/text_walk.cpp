#include "message/text_walk.h"

#include "message/content_field.h"
#include "message/encoded_word.h"
#include "message/extended_parameters.h"
#include "message/header.h"
#include "text/ascii.h"

#include <algorithm>
#include <utility>

namespace postern::message {
namespace {

constexpr std::size_t header_octets = Limits{}.header_octets; // of a longer header the rest is not looked through

// Those of RFC 2231 are in pieces, or percent-encoded, where they stand.
std::vector<Parameter> extended_parameters(Field const& field) {
    if (!field.raw_body.contains('*')) return {};
    if (text::iequals(field.name, "Content-Type"))
        if (auto type = parse_content_type(field.raw_body)) return std::move(type->parameters);
    if (text::iequals(field.name, "Content-Disposition"))
        if (auto disposition = parse_disposition(field.raw_body)) return std::move(disposition->parameters);
    return {};
}

// Each field as a line, as people read it.
std::string decode_header(std::string_view header) {
    std::string text;
    for (Field const& field : HeaderSection(header)) {
        text += field.name;
        text += ": ";
        text += decode_words(unfold(field.raw_body));
        text += "\r\n";
        for (Parameter const& parameter : extended_parameters(field)) text += decode_words(as_read(parameter)) + "\r\n";
    }
    return text;
}

std::string_view parameter(PartView const& part, std::string_view name) {
    for (ParameterView const& candidate : part.parameters)
        if (text::iequals(candidate.name, name)) return candidate.value;
    return {};
}

} // namespace

TextWalk::TextWalk(StructureView const& structure, bool header_too, Sink& sink) : sink_(sink) {
    if (header_too) add_header(structure.root, Place::header);
    add_parts(structure.root, header_too);
    std::erase_if(pieces_, [](Piece const& piece) { return piece.begin >= piece.end; });
    if (!pieces_.empty()) begin_piece();
}

void TextWalk::add_header(PartView const& part, Place place) {
    pieces_.push_back(
        {.kind = Piece::Kind::header, .place = place, .begin = part.header_begin, .end = part.body_begin});
}

void TextWalk::add_parts(PartView const& part, bool headers_too) {
    bool const holds_message = is_message(part);
    for (PartView const& child : part.children) {
        if (holds_message)
            add_header(child, Place::body);
        else if (headers_too)
            add_header(child, Place::header);
        add_parts(child, headers_too);
    }
    bool const is_text = text::iequals(part.type, "text") || text::iequals(part.type, "message");
    if (!part.children.empty() || !is_text) return;
    pieces_.push_back({.kind = Piece::Kind::text,
                       .place = Place::body,
                       .begin = part.body_begin,
                       .end = part.body_end,
                       .encoding = std::string(part.encoding),
                       .charset = std::string(parameter(part, "charset")),
                       .html = text::iequals(part.subtype, "html")});
}

std::optional<TextWalk::Octets> TextWalk::wanted() const {
    if (at_ == pieces_.size()) return std::nullopt;
    return Octets{offset_, pieces_[at_].end};
}

std::uint64_t TextWalk::size() const {
    std::uint64_t octets = 0;
    for (Piece const& piece : pieces_) octets += piece.end - piece.begin;
    return octets;
}

bool TextWalk::cuts_short() const {
    return std::ranges::any_of(pieces_, [](Piece const& piece) {
        return piece.kind != Piece::Kind::text && piece.end - piece.begin > header_octets;
    });
}

void TextWalk::begin_piece() {
    Piece const& piece = pieces_[at_];
    offset_ = piece.begin;
    if (piece.kind == Piece::Kind::text)
        extractor_.emplace(piece.encoding, piece.charset, piece.html,
                           [this](std::string_view utf8) { sink_.text(Place::body, utf8); });
}

void TextWalk::feed(std::string_view octets) {
    if (extractor_)
        extractor_->feed(octets);
    else
        header_ += octets.substr(0, header_octets - header_.size());
    offset_ += octets.size();
    if (!octets.empty() && offset_ < pieces_[at_].end) return;
    end_piece();
    if (++at_ < pieces_.size()) begin_piece();
}

void TextWalk::end_piece() {
    if (extractor_) {
        extractor_->finish();
        extractor_.reset();
        sink_.end_text(Place::body);
        return;
    }
    Place const place = pieces_[at_].place;
    sink_.text(place, decode_header(header_));
    sink_.end_text(place);
    header_.clear();
}

} // namespace postern::message
