#include "message/structure.h"

#include "text/ascii.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace postern::message {
namespace {

constexpr std::uint64_t structure_version = 1;
constexpr std::string_view dashes = "--";

std::uint32_t count32(std::uint64_t n) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(n, std::numeric_limits<std::uint32_t>::max()));
}

// Whether a line that begins so may be a delimiter.
bool may_be_dashes(std::string_view line) { return line[0] == '-' && (line.size() == 1 || line[1] == '-'); }

// Of a header an octet is kept once in a part, at most, and what holds it is counted where there may be much of it.
std::size_t mailboxes_in(Envelope const& envelope) {
    std::size_t count = 0;
    for (auto const list :
         {&Envelope::from, &Envelope::sender, &Envelope::reply_to, &Envelope::to, &Envelope::cc, &Envelope::bcc})
        for (Address const& address : envelope.*list) {
            auto const* group = std::get_if<Group>(&address);
            count += 1 + (group == nullptr ? 0 : group->members.size());
        }
    return count;
}

} // namespace

template <typename As> bool is_multipart(BasicPart<As> const& part) { return text::iequals(part.type, "multipart"); }
template bool is_multipart(Part const& part);
template bool is_multipart(PartView const& part);

template <typename As> bool is_message(BasicPart<As> const& part) {
    return text::iequals(part.type, "message") &&
           (text::iequals(part.subtype, "rfc822") || text::iequals(part.subtype, "global"));
}
template bool is_message(Part const& part);
template bool is_message(PartView const& part);

StructureParser::StructureParser(Limits limits) : limits_(limits) { open({}); }

void StructureParser::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        if (candidate_.empty()) line_begin_ = position_;
        // Only a line that begins with "--" may be a delimiter, only one that begins with its own end may end a header.
        bool const may_delimit = boundaries_ > 0 && may_be_dashes(bytes);
        bool const may_end_header = in_header_ && (bytes.front() == '\r' || bytes.front() == '\n');
        bool const candidate = !candidate_.empty() || (at_line_begin_ && (may_delimit || may_end_header));
        std::string_view const taken = candidate ? feed_candidate(bytes) : feed_line(bytes);
        bytes.remove_prefix(taken.size());
    }
}

Structure StructureParser::finish() {
    if (!candidate_.empty()) take_candidate();
    while (in_header_) end_header(position_);
    close_down_to(0, position_);
    close(open_.front(), position_);
    structure_.root = std::move(open_.front().part);
    structure_.size = position_.offset;
    return std::move(structure_);
}

// Takes what `bytes` has of an ordinary line; in a body also the lines after it that need no closer look.
std::string_view StructureParser::feed_line(std::string_view bytes) {
    std::size_t end = 0;
    do {
        std::size_t const line_feed = bytes.find('\n', end);
        at_line_begin_ = line_feed != std::string_view::npos;
        if (!at_line_begin_) {
            end = bytes.size();
            break;
        }
        line_end_octets_ = (line_feed > 0 ? bytes[line_feed - 1] : last_) == '\r' ? 2 : 1;
        ++position_.lines;
        end = line_feed + 1;
    } while (!in_header_ && end < bytes.size() && (boundaries_ == 0 || !may_be_dashes(bytes.substr(end))));

    bytes = bytes.substr(0, end);
    position_.offset += end;
    last_ = bytes.back();
    if (on_delimiter_) {
        if (in_header_) open_.back().header_begin = position_;
        on_delimiter_ = !at_line_begin_;
    } else if (in_header_) {
        keep_header(bytes);
    }
    return bytes;
}

// Takes what `bytes` has of a line that may be a delimiter or empty, as much of it as is needed to know.
std::string_view StructureParser::feed_candidate(std::string_view bytes) {
    std::size_t const enough = dashes.size() + limits_.boundary_octets + dashes.size() + 2;
    bytes = bytes.substr(0, enough - candidate_.size());
    bytes = bytes.substr(0, std::min(bytes.find('\n'), bytes.size() - 1) + 1);
    candidate_ += bytes;
    position_.offset += bytes.size();
    last_ = bytes.back();
    at_line_begin_ = false;
    if (last_ == '\n' || candidate_.size() == enough) take_candidate();
    return bytes;
}

void StructureParser::take_candidate() {
    std::string_view const line = candidate_;
    unsigned const line_end_octets_before = line_end_octets_;
    at_line_begin_ = line.ends_with('\n');
    if (at_line_begin_) {
        line_end_octets_ = line.ends_with("\r\n") ? 2 : 1;
        ++position_.lines;
    }
    if (auto const index = delimited(line)) {
        bool const closing = line.substr(open_[*index].boundary.size()).starts_with(dashes);
        take_delimiter(*index, closing, line_end_octets_before);
    } else if (in_header_ && is_empty_line(line)) {
        end_header(position_);
    } else if (in_header_) {
        keep_header(line);
    }
    candidate_.clear();
}

// The frame whose delimiter `line` is.
std::optional<std::size_t> StructureParser::delimited(std::string_view line) const {
    if (boundaries_ == 0 || !line.starts_with(dashes)) return std::nullopt;
    std::string_view const content = text::trim(line);
    std::optional<std::size_t> best;
    for (std::size_t i = open_.size(); i-- > 0;) {
        std::string_view const boundary = open_[i].boundary;
        if (boundary.empty() || !line.starts_with(boundary)) continue;
        std::string_view const rest = content.substr(std::min(boundary.size(), content.size()));
        if (rest.empty() || rest == dashes) return i;
        if (!best || boundary.size() > open_[*best].boundary.size()) best = i;
    }
    return best;
}

void StructureParser::take_delimiter(std::size_t index, bool closing, unsigned line_end_octets_before) {
    while (in_header_) end_header(line_begin_);
    close_down_to(
        index, {line_begin_.offset - line_end_octets_before, line_begin_.lines - (line_end_octets_before > 0 ? 1 : 0)});
    on_delimiter_ = !at_line_begin_;
    Frame& frame = open_.back();
    bool const full = parts_ == limits_.parts;
    if (closing || full) {
        if (!closing) structure_.truncated = true;
        forget_boundary(frame);
        return;
    }
    Frame part;
    part.header_begin = position_;
    part.in_digest = text::iequals(frame.part.subtype, "digest");
    open(std::move(part));
}

void StructureParser::open(Frame frame) {
    ++parts_;
    in_header_ = true;
    open_.push_back(std::move(frame));
}

void StructureParser::forget_boundary(Frame& frame) {
    if (!frame.boundary.empty()) --boundaries_;
    frame.boundary.clear();
}

void StructureParser::close(Frame& frame, Position end) {
    forget_boundary(frame);
    // The line end that belongs to a delimiter may also be the one that ends a header; then it stays with the header.
    frame.end = end = std::max({end, frame.body_begin, frame.end});
    Part& part = frame.part;
    part.header_begin = frame.header_begin.offset;
    part.body_begin = frame.body_begin.offset;
    part.body_end = end.offset;
    part.header_lines = count32(frame.body_begin.lines - frame.header_begin.lines);
    part.body_lines = count32(end.lines - frame.body_begin.lines);
}

// Closes every part within the one at `index`.
void StructureParser::close_down_to(std::size_t index, Position end) {
    while (open_.size() > index + 1) {
        Frame frame = std::move(open_.back());
        open_.pop_back();
        close(frame, end);
        open_.back().end = frame.end;
        open_.back().part.children.push_back(std::move(frame.part));
    }
}

void StructureParser::keep_header(std::string_view bytes) {
    std::size_t const room = std::min(limits_.header_octets - header_.size(), limits_.headers_octets - headers_octets_);
    if (bytes.size() > room) structure_.truncated = true;
    bytes = bytes.substr(0, room);
    header_ += bytes;
    headers_octets_ += bytes.size();
}

void StructureParser::end_header(Position end) {
    in_header_ = false;
    Frame& frame = open_.back();
    frame.body_begin = end;
    take_fields(frame);
    header_.clear();

    bool const deep = open_.size() >= limits_.depth;
    if (is_multipart(frame.part)) {
        std::string_view boundary = find(frame.part.parameters, "boundary").value_or("");
        while (boundary.ends_with(' ')) boundary.remove_suffix(1); // RFC 2046 §5.1.1: it does not end in a space
        if (boundary.empty() || boundary.size() > limits_.boundary_octets) return;
        if (deep) {
            structure_.truncated = true;
            return;
        }
        frame.boundary = std::string(dashes).append(boundary);
        ++boundaries_;
    } else if (is_message(frame.part)) {
        if (deep || parts_ == limits_.parts) {
            structure_.truncated = true;
            return;
        }
        Frame inner;
        inner.header_begin = end;
        inner.is_inner_message = true;
        open(std::move(inner));
    }
}

void StructureParser::take_fields(Frame& frame) {
    HeaderSection const header(header_);
    Part& part = frame.part;
    auto const unfolded = [&](std::string_view name) -> std::optional<std::string> {
        auto const field = header.first(name);
        if (!field) return std::nullopt;
        return unfold(field->raw_body);
    };
    if (auto const field = header.first("Content-Type")) {
        if (auto content_type = parse_content_type(field->raw_body)) {
            part.type = std::move(content_type->type);
            part.subtype = std::move(content_type->subtype);
            part.parameters = std::move(content_type->parameters);
        } else {
            part.parameters = {{"charset", "us-ascii"}}; // RFC 2045 §5.2: what cannot be read counts as plain text
        }
    } else if (frame.in_digest) {
        part.type = "message"; // RFC 2046 §5.1.5
        part.subtype = "rfc822";
    } else {
        part.parameters = {{"charset", "us-ascii"}};
    }
    if (auto const field = header.first("Content-Transfer-Encoding"))
        if (auto encoding = parse_transfer_encoding(field->raw_body); !encoding.empty()) part.encoding = encoding;
    if (auto const field = header.first("Content-Disposition"))
        if (auto disposition = parse_disposition(field->raw_body)) {
            part.disposition = std::move(disposition->type);
            part.disposition_parameters = std::move(disposition->parameters);
        }
    if (auto const field = header.first("Content-Language")) part.languages = parse_languages(field->raw_body);
    part.id = unfolded("Content-ID");
    part.description = unfolded("Content-Description");
    part.md5 = unfolded("Content-MD5");
    part.location = unfolded("Content-Location");
    keep(part.parameters);
    keep(part.disposition_parameters);
    fields_octets_ += sizeof(Frame) + header_.size();
    if (frame.is_inner_message) {
        part.envelope = make_envelope(header, limits_.mailboxes);
        fields_octets_ += mailboxes_in(*part.envelope) * sizeof(Address);
    }
    if (open_.size() == 1) {
        structure_.envelope = make_envelope(header, limits_.mailboxes);
        fields_octets_ += mailboxes_in(structure_.envelope) * sizeof(Address);
    }
}

void StructureParser::keep(std::vector<Parameter>& parameters) {
    if (parameters.size() > limits_.parameters) {
        parameters.resize(limits_.parameters);
        structure_.truncated = true;
    }
    parameters.shrink_to_fit();
    limits_.parameters -= parameters.size();
    fields_octets_ += parameters.size() * sizeof(Parameter);
}

namespace {

constexpr std::size_t packed_depth_limit = 256; // of what is decoded; far beyond what a parser makes

template <typename As> void put(PackedWriter& out, typename As::template List<BasicParameter<As>> const& parameters) {
    out.list(parameters, [&](BasicParameter<As> const& parameter) {
        out.string(parameter.name);
        out.string(parameter.value);
    });
}

// Fields before the header of a message.
struct Heading {
    std::uint64_t octets = 0;
    std::uint32_t lines = 0;
};

// Offsets as distances, which are short. The message's header takes the heading in, all else comes after it.
template <typename As>
void put(PackedWriter& out, BasicPart<As> const& part, Heading heading = {}, bool is_top = false) {
    out.number(part.header_begin + (is_top ? 0 : heading.octets));
    out.number(part.body_begin - part.header_begin + (is_top ? heading.octets : 0));
    out.number(part.body_end - part.body_begin);
    out.number(part.header_lines + (is_top ? heading.lines : 0));
    out.number(part.body_lines);
    out.string(part.type);
    out.string(part.subtype);
    put<As>(out, part.parameters);
    out.string(part.encoding);
    out.optional(part.id);
    out.optional(part.description);
    out.optional(part.md5);
    out.optional(part.location);
    out.optional(part.disposition);
    put<As>(out, part.disposition_parameters);
    out.list(part.languages, [&](std::string_view language) { out.string(language); });
    out.number(part.envelope.has_value());
    if (part.envelope) put(out, *part.envelope);
    out.list(part.children, [&](BasicPart<As> const& child) { put(out, child, heading); });
}

template <typename As> std::string encode_behind(BasicStructure<As> const& structure, Heading heading) {
    PackedWriter out;
    out.number(structure_version);
    out.number(structure.size + heading.octets);
    out.number(structure.truncated);
    put(out, structure.envelope);
    put(out, structure.root, heading, true);
    return out.take();
}

} // namespace

void get(PackedReader& in, ParameterView& parameter) {
    parameter.name = in.string();
    parameter.value = in.string();
}

void get(PackedReader& in, PartView& part) {
    constexpr std::uint64_t offset_limit =
        std::numeric_limits<std::uint64_t>::max() / 4; // so that sums do not overflow
    constexpr std::uint64_t line_limit = std::numeric_limits<std::uint32_t>::max();
    PackedReader::Level const level(in, packed_depth_limit);
    part.header_begin = in.number(offset_limit);
    part.body_begin = part.header_begin + in.number(offset_limit);
    part.body_end = part.body_begin + in.number(offset_limit);
    part.header_lines = static_cast<std::uint32_t>(in.number(line_limit));
    part.body_lines = static_cast<std::uint32_t>(in.number(line_limit));
    part.type = in.string();
    part.subtype = in.string();
    part.parameters = in.list<ParameterView>();
    part.encoding = in.string();
    part.id = in.optional();
    part.description = in.optional();
    part.md5 = in.optional();
    part.location = in.optional();
    part.disposition = in.optional();
    part.disposition_parameters = in.list<ParameterView>();
    part.languages = in.list<std::string_view>();
    part.envelope.reset();
    if (in.flag()) get(in, part.envelope.emplace());
    part.children = in.list<PartView>();
}

template <typename As> std::string encode(BasicStructure<As> const& structure) { return encode_behind(structure, {}); }
template std::string encode(Structure const& structure);
template std::string encode(StructureView const& structure);

std::string encode_with_heading(StructureView const& structure, std::uint64_t octets, std::uint32_t lines) {
    return encode_behind(structure, {octets, lines});
}

std::optional<StructureView> decode_structure(std::string_view bytes) {
    PackedReader in(bytes);
    if (in.number() != structure_version) return std::nullopt;
    StructureView structure;
    structure.size = in.number();
    structure.truncated = in.flag();
    get(in, structure.envelope);
    get(in, structure.root);
    if (!in.at_end()) return std::nullopt;
    return structure;
}

} // namespace postern::message
