// A message as a relay without 8BITMIME takes it: valid MIME of 7bit data (RFC 6152 §3, RFC 2045 §2.7). A plan sees the
// whole message first and knows what is to be done, and how large the result will be; then a conversion sees it again.
// Both are fed it from its start, in pieces of any size, and hold no more of it than one header.
//
// - A leaf whose body is not 7bit data (octets beyond ASCII, lines of more than 998 octets, NUL, CR or LF alone) is
//   encoded, whatever its label says. Text becomes quoted-printable or base64, whichever is shorter: so what is mostly
//   ASCII can be read as it is, and what is not does not become three times as long. Text with NUL, or with CR or LF
//   alone, and all else becomes base64.
// - Other bodies stay octet for octet. Multiparts and message/rfc822 may not be encoded (RFC 2045 §6.4), the leaves
//   within are. message/global may (RFC 6532 §3.7), and becomes base64: it has UTF-8 in its own headers.
// - Headers beyond ASCII, and those of parts, become their surrogates (message/downgrade.h). A preamble's or epilogue's
//   octets beyond ASCII, which nobody is shown (RFC 2046 §5.1.1), become "?".
// - A message that needs none of this stays as it is, whatever its labels say, and its signatures hold. In one that
// does
//   they break; there "8bit" and "binary" become "7bit" where nothing was encoded.
// Pure; one thread at a time.
#pragma once

#include "message/structure.h"
#include "text/base64.h"
#include "text/quoted_printable.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern::message {

// Watches octets pass by.
class SevenBitScanner {
public:
    void feed(std::string_view octets);
    void finish();

    [[nodiscard]] bool beyond_ascii() const { return beyond_ascii_; }
    [[nodiscard]] bool long_lines() const { return long_lines_; }
    [[nodiscard]] bool binary() const { return binary_; } // NUL, or CR or LF alone (RFC 2045 §2.9)

private:
    std::uint64_t column_ = 0;
    char last_ = '\0';
    bool beyond_ascii_ = false;
    bool long_lines_ = false;
    bool binary_ = false;
};

enum class BodyEncoding : std::uint8_t { seven_bit, eight_bit, binary, quoted_printable, base64, unknown };

// A message is a row of these, none of them empty, as a plan sees it.
struct SevenBitSegment {
    enum class Kind : std::uint8_t {
        header,
        between, // parts, or before the first or after the last
        leaf,
        opaque, // what cannot be encoded
    } kind;
    std::uint64_t end = 0; // in the message
    BodyEncoding declared = BodyEncoding::seven_bit;
    bool begins_message = false;               // a header
    bool is_text = false;                      // a leaf
    std::optional<BodyEncoding> encoding = {}; // that a header shall declare, or a leaf be in; nothing: as it is
};

struct Unencoded {
    void feed(std::string_view octets, std::string& out) { out += octets; }
    void finish(std::string& /*out*/) {}
};
using BodyDecoder = std::variant<Unencoded, text::Base64Decoder, text::QuotedPrintableDecoder>;

// How far a row of segments was fed.
struct SevenBitPosition {
    std::size_t segment = 0;
    std::uint64_t offset = 0;
};

class SevenBitPlan {
public:
    enum class Verdict : std::uint8_t {
        as_it_is,
        to_convert,
        // Something is not 7bit data that cannot be encoded: a composite part without its parts, what a limit kept the
        // structure from showing, a boundary, message/partial; or lines do not end in CRLF where they have to.
        impossible,
    };

    // Of the message that will be fed. Nothing of `structure` is kept.
    explicit SevenBitPlan(StructureView const& structure);

    void feed(std::string_view octets);

    // Once the whole message was fed.
    [[nodiscard]] Verdict verdict() const;
    [[nodiscard]] std::uint64_t size() const; // exactly, of what is to be sent

    [[nodiscard]] std::vector<SevenBitSegment> const& segments() const { return segments_; }

private:
    using Segment = SevenBitSegment;

    void add_part(PartView const& part, bool begins_message);
    void add(Segment segment);
    void take(Segment const& segment, std::string_view octets);
    void take_between(std::string_view octets);
    void take_body(Segment const& segment, std::string_view octets);
    void count_decoded(bool is_text);
    void end(Segment& segment);
    void end_header(Segment const& segment);
    void end_body(Segment& segment);

    std::vector<Segment> segments_;
    SevenBitPosition position_;
    std::uint64_t size_ = 0; // of what was fed, converted
    bool needed_ = false;
    bool impossible_ = false;

    // Of the segment that is being fed.
    SevenBitScanner raw_;
    std::string header_; // kept until the body after it was seen
    bool dashes_ = true; // a line between parts has begun with "--", as far as it was seen
    std::size_t column_ = 0;
    struct Body {
        BodyDecoder decoder;
        SevenBitScanner decoded = {};
        text::QuotedPrintableEncoder quoted_printable = {};
        std::uint64_t size = 0;
        std::uint64_t decoded_size = 0;
        std::uint64_t quoted_printable_size = 0;
    };
    std::optional<Body> body_;
    std::string octets_; // reused from piece to piece
    std::string encoded_;
};

// Of the message that `plan` has seen, and found it has to convert; `plan` outlives it. It is done once the whole
// message was fed.
class SevenBitConversion {
public:
    explicit SevenBitConversion(SevenBitPlan const& plan) : plan_(plan) {}

    // Appends to `out` what is certain.
    void feed(std::string_view octets, std::string& out);

private:
    using Segment = SevenBitSegment;

    void take(Segment const& segment, std::string_view octets, std::string& out);
    void end(Segment const& segment, std::string& out);

    SevenBitPlan const& plan_;
    SevenBitPosition position_;
    std::string header_;
    struct Body {
        BodyDecoder decoder;
        std::variant<text::Base64Encoder, text::QuotedPrintableEncoder> encoder;
    };
    std::optional<Body> body_;
    std::string octets_; // reused from piece to piece
};

} // namespace postern::message
