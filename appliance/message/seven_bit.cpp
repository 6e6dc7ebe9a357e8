#include "message/seven_bit.h"

#include "message/content_field.h"
#include "message/downgrade.h"
#include "message/header.h"
#include "text/ascii.h"
#include "text/utf8.h"

#include <algorithm>
#include <format>
#include <utility>

namespace postern::message {
namespace {

constexpr std::size_t line_octets_limit = 998;       // RFC 5322 §2.1.1
constexpr std::size_t body_piece_octets = 16 * 1024; // encoded at a time, so that memory is bounded whatever is fed
constexpr std::string_view encoding_field = "Content-Transfer-Encoding";

// RFC 2045 §6.4: composite parts, whose encoding is that of their parts.
bool may_be_encoded(PartView const& part) {
    if (is_multipart(part)) return false;
    if (!text::iequals(part.type, "message")) return true;
    return !text::iequals(part.subtype, "rfc822") && !text::iequals(part.subtype, "partial") &&
           !text::iequals(part.subtype, "external-body");
}

// Text; or fields, as message/delivery-status and its like have.
bool is_lines(PartView const& part) {
    return text::iequals(part.type, "text") || (text::iequals(part.type, "message") && !is_message(part));
}

// What readers go by to find a part's parts.
struct ContentKind {
    std::string type;
    std::string subtype;
    std::string boundary;
    bool operator==(ContentKind const&) const = default;
};

std::optional<ContentKind> content_kind(std::string_view header) {
    auto const field = HeaderSection(header).first("Content-Type");
    if (!field) return std::nullopt;
    auto const type = parse_content_type(field->raw_body);
    if (!type) return ContentKind{};
    return ContentKind{type->type, type->subtype, std::string(find(type->parameters, "boundary").value_or(""))};
}

std::string_view name_of(BodyEncoding encoding) {
    switch (encoding) {
    case BodyEncoding::unknown:
    case BodyEncoding::seven_bit: return "7bit";
    case BodyEncoding::eight_bit: return "8bit";
    case BodyEncoding::binary: return "binary";
    case BodyEncoding::quoted_printable: return "quoted-printable";
    case BodyEncoding::base64: return "base64";
    }
    std::unreachable();
}

BodyEncoding find_encoding(std::string_view name) {
    using enum BodyEncoding;
    for (BodyEncoding const each : {seven_bit, eight_bit, binary, quoted_printable, base64})
        if (text::iequals(name_of(each), name)) return each;
    return unknown;
}

BodyDecoder make_decoder(BodyEncoding encoding) {
    if (encoding == BodyEncoding::base64) return text::Base64Decoder();
    if (encoding == BodyEncoding::quoted_printable) return text::QuotedPrintableDecoder();
    return Unencoded();
}

// The header with that Content-Transfer-Encoding; RFC 2045 §4: a message that has one says that it is MIME.
std::string declare(std::string_view header, BodyEncoding encoding, bool begins_message) {
    std::string const line = std::format("{}: {}\r\n", encoding_field, name_of(encoding));
    std::string out;
    bool declared = false;
    bool versioned = !begins_message;
    std::size_t copied = 0;
    for (Field const& field : HeaderSection(header)) {
        if (text::iequals(field.name, "MIME-Version")) versioned = true;
        if (!text::iequals(field.name, encoding_field)) continue;
        auto const begin = static_cast<std::size_t>(field.whole.data() - header.data());
        out += header.substr(copied, begin - copied);
        if (!std::exchange(declared, true)) out += line;
        copied = begin + field.whole.size();
    }
    bool const has_end = header_end(header) == header.size();
    std::size_t const end = header.size() - (!has_end ? 0 : header.ends_with("\r\n") ? 2 : 1);
    out += header.substr(copied, end - copied);
    if (!versioned) out += "MIME-Version: 1.0\r\n";
    if (!declared) out += line;
    out += header.substr(end);
    return out;
}

// As `segment`, the header's, says.
std::string rewritten(std::string_view header, SevenBitSegment const& segment) {
    auto encoding = segment.encoding;
    // A surrogate header would not have the field at all.
    if (auto const field = HeaderSection(header).first(encoding_field); field && !text::is_ascii(field->whole))
        encoding = encoding.value_or(segment.declared);
    std::string out = encoding ? declare(header, *encoding, segment.begins_message) : std::string(header);
    if (auto downgraded = downgrade_header(out, true)) out = std::move(downgraded->header);
    return out;
}

// Hands `octets` on, each piece within one segment, and says when a segment ends.
template <typename Segments, typename Take, typename End>
void walk(Segments& segments, SevenBitPosition& position, std::string_view octets, Take const& take, End const& end) {
    while (!octets.empty() && position.segment < segments.size()) {
        auto& segment = segments[position.segment];
        std::string_view piece = octets.substr(0, body_piece_octets);
        piece = piece.substr(0, std::min<std::uint64_t>(piece.size(), segment.end - position.offset));
        take(segment, piece);
        octets.remove_prefix(piece.size());
        position.offset += piece.size();
        if (position.offset < segment.end) continue;
        end(segment);
        ++position.segment;
    }
}

} // namespace

void SevenBitScanner::feed(std::string_view octets) {
    for (char const octet : octets) {
        if ((octet == '\n') != (last_ == '\r') || octet == '\0') binary_ = true;
        if (!text::is_ascii(octet)) beyond_ascii_ = true;
        if (octet == '\n')
            column_ = 0;
        else if (octet != '\r' && ++column_ > line_octets_limit)
            long_lines_ = true;
        last_ = octet;
    }
}

void SevenBitScanner::finish() {
    if (last_ == '\r') binary_ = true;
}

SevenBitPlan::SevenBitPlan(StructureView const& structure) {
    if (structure.truncated)
        add({.kind = Segment::Kind::opaque, .end = structure.size});
    else
        add_part(structure.root, true);
}

void SevenBitPlan::add(Segment segment) {
    if (segment.end <= (segments_.empty() ? 0 : segments_.back().end)) return;
    // A parser gives every body a header that can say how it is encoded; a damaged store may not.
    if (segment.kind == Segment::Kind::leaf && (segments_.empty() || segments_.back().kind != Segment::Kind::header))
        segment.kind = Segment::Kind::opaque;
    segments_.push_back(segment);
}

void SevenBitPlan::add_part(PartView const& part, bool begins_message) {
    using enum Segment::Kind;
    BodyEncoding const declared = find_encoding(part.encoding);
    bool const wider = declared == BodyEncoding::eight_bit || declared == BodyEncoding::binary;
    add({.kind = header,
         .end = part.body_begin,
         .declared = declared,
         .begins_message = begins_message,
         .encoding = wider ? std::optional(BodyEncoding::seven_bit) : std::nullopt});
    if (may_be_encoded(part)) {
        add({.kind = leaf, .end = part.body_end, .declared = declared, .is_text = is_lines(part)});
        return;
    }
    for (PartView const& child : part.children) {
        add({.kind = between, .end = child.header_begin});
        add_part(child, is_message(part));
    }
    add({.kind = part.children.empty() ? opaque : between, .end = part.body_end});
}

void SevenBitPlan::feed(std::string_view octets) {
    walk(
        segments_, position_, octets, [this](Segment& segment, std::string_view piece) { take(segment, piece); },
        [this](Segment& segment) { end(segment); });
}

SevenBitPlan::Verdict SevenBitPlan::verdict() const {
    if (impossible_) return Verdict::impossible;
    return needed_ ? Verdict::to_convert : Verdict::as_it_is;
}

std::uint64_t SevenBitPlan::size() const { return verdict() == Verdict::to_convert ? size_ : position_.offset; }

void SevenBitPlan::take(Segment const& segment, std::string_view octets) {
    raw_.feed(octets);
    switch (segment.kind) {
    case Segment::Kind::header: header_ += octets; break;
    case Segment::Kind::between: take_between(octets); break;
    case Segment::Kind::leaf: take_body(segment, octets); break;
    case Segment::Kind::opaque: size_ += octets.size(); break;
    }
}

// A line that begins with "--" may be a delimiter, whose boundary cannot be changed here alone.
void SevenBitPlan::take_between(std::string_view octets) {
    for (char const octet : octets) {
        if (column_ < 2 && octet != '-') dashes_ = false;
        if (!text::is_ascii(octet) && dashes_) impossible_ = true;
        ++column_;
        if (octet != '\n') continue;
        column_ = 0;
        dashes_ = true;
    }
    size_ += octets.size();
}

void SevenBitPlan::take_body(Segment const& segment, std::string_view octets) {
    if (!body_) body_.emplace(make_decoder(segment.declared));
    body_->size += octets.size();
    octets_.clear();
    std::visit([&](auto& decoder) { decoder.feed(octets, octets_); }, body_->decoder);
    count_decoded(segment.is_text);
}

void SevenBitPlan::count_decoded(bool is_text) {
    body_->decoded.feed(octets_);
    body_->decoded_size += octets_.size();
    if (!is_text) return;
    encoded_.clear();
    body_->quoted_printable.feed(octets_, encoded_);
    body_->quoted_printable_size += encoded_.size();
}

void SevenBitPlan::end(Segment& segment) {
    raw_.finish();
    // CR or LF alone would be for the relay to understand as it likes, where a line ends and where a message does.
    if (raw_.binary() && segment.kind != Segment::Kind::leaf) impossible_ = true;
    if (raw_.beyond_ascii()) needed_ = true;
    switch (segment.kind) {
    case Segment::Kind::header: end_header(segment); break;
    case Segment::Kind::between:
        column_ = 0;
        dashes_ = true;
        break;
    case Segment::Kind::leaf: end_body(segment); break;
    case Segment::Kind::opaque:
        if (raw_.beyond_ascii()) impossible_ = true;
        break;
    }
    raw_ = {};
}

void SevenBitPlan::end_header(Segment const& segment) {
    std::string const result = rewritten(header_, segment);
    size_ += result.size();
    if (raw_.beyond_ascii() && content_kind(header_) != content_kind(result)) impossible_ = true;
    auto const next = position_.segment + 1;
    if (next == segments_.size() || segments_[next].kind != Segment::Kind::leaf) header_.clear();
}

void SevenBitPlan::end_body(Segment& segment) {
    Body& body = *body_;
    octets_.clear();
    std::visit([&](auto& decoder) { decoder.finish(octets_); }, body.decoder);
    count_decoded(segment.is_text);
    body.decoded.finish();
    encoded_.clear();
    body.quoted_printable.finish(encoded_);
    body.quoted_printable_size += encoded_.size();

    if (raw_.beyond_ascii() || raw_.long_lines() || raw_.binary()) {
        needed_ = true;
        std::uint64_t const base64_size = text::base64_lines_size(body.decoded_size);
        bool const quoted_printable =
            segment.is_text && !body.decoded.binary() && body.quoted_printable_size <= base64_size;
        segment.encoding = quoted_printable ? BodyEncoding::quoted_printable : BodyEncoding::base64;
        size_ += quoted_printable ? body.quoted_printable_size : base64_size;
        Segment& header = segments_[position_.segment - 1];
        size_ -= rewritten(header_, header).size();
        header.encoding = segment.encoding;
        size_ += rewritten(header_, header).size();
    } else {
        size_ += body.size;
    }
    header_.clear();
    body_.reset();
}

void SevenBitConversion::feed(std::string_view octets, std::string& out) {
    walk(
        plan_.segments(), position_, octets,
        [&](Segment const& segment, std::string_view piece) { take(segment, piece, out); },
        [&](Segment const& segment) { end(segment, out); });
}

void SevenBitConversion::take(Segment const& segment, std::string_view octets, std::string& out) {
    switch (segment.kind) {
    case Segment::Kind::header: header_ += octets; break;
    case Segment::Kind::between:
        for (char const octet : octets) out += text::is_ascii(octet) ? octet : '?';
        break;
    case Segment::Kind::leaf:
        if (segment.encoding) {
            if (!body_) {
                body_.emplace(make_decoder(segment.declared));
                if (segment.encoding == BodyEncoding::quoted_printable)
                    body_->encoder.emplace<text::QuotedPrintableEncoder>();
            }
            octets_.clear();
            std::visit([&](auto& decoder) { decoder.feed(octets, octets_); }, body_->decoder);
            std::visit([&](auto& encoder) { encoder.feed(octets_, out); }, body_->encoder);
            break;
        }
        [[fallthrough]];
    case Segment::Kind::opaque: out += octets; break;
    }
}

void SevenBitConversion::end(Segment const& segment, std::string& out) {
    if (segment.kind == Segment::Kind::header) out += rewritten(std::exchange(header_, {}), segment);
    if (!body_) return;
    octets_.clear();
    std::visit([&](auto& decoder) { decoder.finish(octets_); }, body_->decoder);
    std::visit(
        [&](auto& encoder) {
            encoder.feed(octets_, out);
            encoder.finish(out);
        },
        body_->encoder);
    body_.reset();
}

} // namespace postern::message
