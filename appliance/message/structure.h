// The MIME structure of a message (RFC 2045, RFC 2046), found while its octets pass by, and what BODYSTRUCTURE and
// BODY[1.2] need to know of it: where each part lies and what its header says.
//
// Mail is parsed as it is, broken or not, in the way of IMAP servers that see much of it:
// - A line that begins with a boundary of an open multipart is a delimiter, whatever follows on it (RFC 2046 §5.1.1).
// If
//   it begins with several, the one that is the whole line wins, else the longest, else the innermost. It ends every
//   part within that multipart, closing delimiters missing or not, even in the middle of a part's header.
// - The line end before a delimiter belongs to the delimiter (RFC 2046 §5.1.1).
// - After its closing delimiter a multipart has only an epilogue.
// - A multipart without a boundary, or whose boundary never appears, has no children.
// - message/rfc822 and message/global are looked into whatever their transfer encoding says: RFC 2046 §5.2.1 lets them
//   have none.
// - Lines end in LF, with CR before it or not.
// Pure; a parser belongs to one thread at a time.
#pragma once

#include "message/content_field.h"
#include "message/envelope.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

// Offsets count octets from the start of the message. A part's header is [header_begin, body_begin), the empty line
// included; its body is [body_begin, body_end) in its transfer encoding.
template <typename As> struct BasicPart {
    using Text = typename As::Text;
    template <typename Item> using List = typename As::template List<Item>;

    std::uint64_t header_begin = 0;
    std::uint64_t body_begin = 0;
    std::uint64_t body_end = 0;
    std::uint32_t header_lines = 0; // line ends within
    std::uint32_t body_lines = 0;

    Text type = "text"; // as spelled; text/plain where the header does not say, message/rfc822 in a digest
    Text subtype = "plain";
    List<BasicParameter<As>> parameters; // charset=us-ascii where the type is defaulted to text/plain (RFC 2045 §5.2)
    Text encoding = "7bit";              // as spelled
    std::optional<Text> id;
    std::optional<Text> description;
    std::optional<Text> md5;
    std::optional<Text> location;
    std::optional<Text> disposition;
    List<BasicParameter<As>> disposition_parameters;
    List<Text> languages;

    // A multipart's parts, perhaps none. For message/rfc822 and message/global the top part of the inner message, whose
    // header is the inner message's and whose `envelope` is set; none if a limit cut it off. Otherwise empty.
    List<BasicPart> children;
    std::optional<BasicEnvelope<As>> envelope;

    bool operator==(BasicPart const&) const = default;
};

using Part = BasicPart<Owned>;
using PartView = BasicPart<Packed>;

template <typename As> bool is_multipart(BasicPart<As> const& part);
template <typename As> bool is_message(BasicPart<As> const& part); // message/rfc822 or message/global (RFC 6532 §3.7)

template <typename As> struct BasicStructure {
    BasicPart<As> root;         // its header is the message's; `envelope` is not set there
    BasicEnvelope<As> envelope; // the message's
    std::uint64_t size = 0;
    bool truncated = false; // a limit cut the tree: what lies beyond is opaque

    bool operator==(BasicStructure const&) const = default;
};
using Structure = BasicStructure<Owned>;
using StructureView = BasicStructure<Packed>;

// With these a structure takes a few kilobytes as a rule, and some six megabytes for the worst message there is.
struct Limits {
    std::size_t depth = 32;                   // of parts within parts, the top one included
    std::size_t parts = 1'000;                // in all
    std::size_t header_octets = 256 * 1024;   // examined of one header
    std::size_t headers_octets = 1024 * 1024; // examined in all
    std::size_t boundary_octets = 250;        // RFC 2046 §5.1.1 allows 70
    std::size_t mailboxes = 10'000;           // in all envelopes
    std::size_t parameters = 10'000;          // of all parts
};

class StructureParser {
public:
    explicit StructureParser(Limits limits = {});

    // The message in pieces of any size. Takes no copy but of headers and of the start of lines that may be delimiters.
    void feed(std::string_view bytes);
    // The parser must not be fed again.
    Structure finish();

    // What it takes in memory, about.
    [[nodiscard]] std::size_t held_octets() const { return header_.capacity() + fields_octets_; }

private:
    struct Position {
        std::uint64_t offset = 0;
        std::uint64_t lines = 0; // line ends before it
        auto operator<=>(Position const&) const = default;
    };
    struct Frame { // a part whose end has not been seen
        Part part;
        Position header_begin;
        Position body_begin;
        Position end;         // of the last part within, then its own
        std::string boundary; // with "--" before it; empty if no delimiter is looked for
        bool in_digest = false;
        bool is_inner_message = false;
    };

    std::string_view feed_line(std::string_view bytes);
    std::string_view feed_candidate(std::string_view bytes);
    void take_candidate();
    void take_delimiter(std::size_t index, bool closing, unsigned line_end_octets_before);
    std::optional<std::size_t> delimited(std::string_view line) const;

    void open(Frame frame);
    void forget_boundary(Frame& frame);
    void close(Frame& frame, Position end);
    void close_down_to(std::size_t index, Position end);

    void keep_header(std::string_view bytes);
    void end_header(Position end);
    void take_fields(Frame& frame);
    void keep(std::vector<Parameter>& parameters);

    Limits limits_;
    std::vector<Frame> open_; // outermost first
    Structure structure_;
    std::size_t parts_ = 0;
    std::size_t headers_octets_ = 0; // kept so far, of all headers
    std::size_t boundaries_ = 0;     // frames that look for one
    std::size_t fields_octets_ = 0;  // that all parts take with their fields, about

    bool in_header_ = true; // of the innermost open part
    std::string header_;    // that one, as far as it was read

    Position position_;            // of the next octet
    Position line_begin_;          // of the candidate
    std::string candidate_;        // the start of a line that may be a delimiter or the end of a header
    bool at_line_begin_ = true;    // nothing of the next octet's line has been seen
    bool on_delimiter_ = false;    // the rest of a delimiter's line, which means nothing, is being passed
    char last_ = '\0';             // octet fed
    unsigned line_end_octets_ = 0; // of the last line that ended: CRLF 2, LF 1; 0 at the start
};

// The store's form, as with envelopes.
template <typename As> std::string encode(BasicStructure<As> const& structure);
// The same of a message with more fields before its header, none of which the envelope shows: so many octets, so many
// lines.
std::string encode_with_heading(StructureView const& structure, std::uint64_t octets, std::uint32_t lines);
std::optional<StructureView> decode_structure(std::string_view bytes);

void get(PackedReader& in, ParameterView& parameter);
void get(PackedReader& in, PartView& part);

} // namespace postern::message
