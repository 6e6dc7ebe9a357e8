#include "message/preview.h"

#include "text/ascii.h"
#include "text/utf8.h"

#include <algorithm>
#include <utility>

namespace postern::message {
namespace {

constexpr std::size_t most_pieces = 10; // looked at, of a message that has its text late

enum class Kind : std::uint8_t { visible, space, joiner, unseen };

// What senders pad their first lines with is no text: spaces of all widths, and characters that show nothing. So are
// controls, and those of the writing direction, which could outlast a text that is cut off.
Kind kind_of(char32_t c) {
    if (c <= 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
        c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000)
        return Kind::space;
    if (c == 0x200c || c == 0x200d) return Kind::joiner; // within words and emoji they matter
    if (c == 0xad || c == 0x34f || c == 0x61c || c == 0x115f || c == 0x1160 || c == 0x17b4 || c == 0x17b5 ||
        c == 0x180e || c == 0x200b || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
        (c >= 0x2060 && c <= 0x206f) || c == 0x3164 || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb))
        return Kind::unseen;
    return Kind::visible;
}

std::string_view charset_of(PartView const& part) {
    for (ParameterView const& parameter : part.parameters)
        if (text::iequals(parameter.name, "charset")) return parameter.value;
    return {};
}

// "On Mon, 5 Jan 2026 at 10:00, Bob <bob@office.lan> wrote:", in whatever language.
bool is_attribution(std::string_view text) {
    return text.ends_with(':') && std::ranges::any_of(text, [](char c) { return text::is_digit(c) || c == '@'; });
}

} // namespace

Preview::Preview(StructureView const& structure) {
    add_parts(structure.root, pieces_);
    std::erase_if(pieces_, [](Piece const& piece) { return piece.begin >= piece.end; });
    pieces_.resize(std::min(pieces_.size(), most_pieces));
    if (!pieces_.empty()) begin_piece();
}

void Preview::add_parts(PartView const& part, std::vector<Piece>& pieces) {
    if (part.disposition && text::iequals(*part.disposition, "attachment")) return;
    if (!part.children.empty()) {
        auto const first = static_cast<std::ptrdiff_t>(pieces.size());
        for (PartView const& child : part.children) add_parts(child, pieces);
        // RFC 2046 §5.1.4: the plainest come first, but not all senders know, and the plainest are read soonest.
        if (is_multipart(part) && text::iequals(part.subtype, "alternative"))
            std::stable_partition(pieces.begin() + first, pieces.end(), [](Piece const& piece) { return !piece.html; });
        return;
    }
    bool const html = text::iequals(part.subtype, "html");
    if (!text::iequals(part.type, "text") || (!html && !text::iequals(part.subtype, "plain"))) return;
    pieces.push_back({.begin = part.body_begin,
                      .end = part.body_end,
                      .encoding = std::string(part.encoding),
                      .charset = std::string(charset_of(part)),
                      .html = html});
}

std::optional<TextWalk::Octets> Preview::wanted() const {
    if (at_ == pieces_.size()) return std::nullopt;
    return TextWalk::Octets{offset_, pieces_[at_].end};
}

void Preview::begin_piece() {
    Piece const& piece = pieces_[at_];
    offset_ = piece.begin;
    over_ = false;
    extractor_.emplace(
        piece.encoding, piece.charset, piece.html, [this](std::string_view utf8) { take(utf8); },
        HtmlText::Breaks::lines);
}

void Preview::feed(std::string_view octets) {
    extractor_->feed(octets);
    offset_ += octets.size();
    if (!octets.empty() && offset_ < pieces_[at_].end && !over_ && !complete()) return;
    end_piece();
    at_ = written_.octets.empty() ? at_ + 1 : pieces_.size();
    if (at_ < pieces_.size()) begin_piece();
}

void Preview::end_piece() {
    extractor_->finish();
    extractor_.reset();
    end_line();
    armor_ = false;
}

std::string Preview::text() {
    if (extractor_) end_piece();
    at_ = pieces_.size();
    return std::move((written_.octets.empty() ? quoted_ : written_).octets);
}

// Whether there is as much as can be shown: with the line that has begun, if that is no quotation.
bool Preview::complete() const {
    std::size_t const begun = line_.octets.starts_with('>') ? 0 : line_.characters;
    std::size_t const space = written_.octets.empty() ? 0 : 1;
    return written_.characters + space + begun >= preview_characters;
}

void Preview::take(std::string_view utf8) {
    while (!utf8.empty() && !over_ && !complete()) {
        auto const front = text::utf8_front(utf8);
        std::string_view const character = utf8.substr(0, front.length);
        utf8.remove_prefix(front.length);
        if (character == "\n") {
            end_line();
            continue;
        }
        switch (kind_of(front.character)) {
        case Kind::visible: put(character); break;
        case Kind::space:
            space_ = true;
            joiners_.clear();
            break;
        case Kind::joiner:
            if (!space_ && !line_.octets.empty() && joiners_.empty()) joiners_ = character;
            break;
        case Kind::unseen: break;
        }
    }
}

void Preview::put(std::string_view character) {
    bool const spaced = std::exchange(space_, false) && !line_.octets.empty();
    std::string const joiner = std::exchange(joiners_, {});
    if (line_.characters >= preview_characters) return;
    for (std::string_view const part : {std::string_view(spaced ? " " : ""), std::string_view(joiner), character}) {
        line_.octets += part;
        line_.characters += part.empty() ? 0 : 1;
    }
}

void Preview::end_line() {
    std::string& line = line_.octets;
    if (line.starts_with("-----BEGIN PGP ")) { // RFC 9580 §6.2, §7
        armor_ = line == "-----BEGIN PGP SIGNED MESSAGE-----";
        over_ = !armor_;
    } else if (armor_) {
        armor_ = !line.empty();
    } else if (line == "--") { // RFC 3676 §4.3
        over_ = true;
    } else if (line.starts_with('>')) {
        line.erase(0, std::min(line.find_first_not_of("> "), line.size()));
        drop_attribution();
        add_line(quoted_);
    } else if (!line.empty()) {
        if (before_.size() == 2) before_.erase(before_.begin());
        before_.push_back(written_);
        add_line(written_);
    }
    line_ = {};
    space_ = false;
    joiners_.clear();
}

void Preview::add_line(Text& text) const {
    std::string_view rest = line_.octets;
    if (!text.octets.empty() && !rest.empty() && text.characters + 1 < preview_characters) {
        text.octets += ' ';
        ++text.characters;
    }
    for (; !rest.empty() && text.characters < preview_characters; ++text.characters) {
        auto const length = text::utf8_front(rest).length;
        text.octets += rest.substr(0, length);
        rest.remove_prefix(length);
    }
}

// Before a quotation: the line that says whose words it has, which mail programs break in two.
void Preview::drop_attribution() {
    for (; !before_.empty(); before_.pop_back()) {
        Text const& before = before_.back();
        if (!is_attribution(std::string_view(written_.octets).substr(before.octets.size()))) continue;
        written_ = before;
        break;
    }
    before_.clear();
}

} // namespace postern::message
