// The text of one message, as SEARCH looks through it: the fields of its header and of its parts' headers decoded, text
// parts decoded and without markup, inner messages with their headers, and what reports of delivery say. Other parts
// have no text but their names. It says which octets of the message it wants next, is fed them, and hands text on.
// Whoever makes a signature of a message walks as whoever looks for something in it. Pure; one thread at a time.
#pragma once

#include "message/body_text.h"
#include "message/structure.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

class TextWalk {
public:
    // What BODY does not look at: the message's own header and those of MIME parts (RFC 9051 §6.4.4); and all else.
    enum class Place : std::uint8_t { header, body };

    // Takes UTF-8 in whole characters; nothing belongs together across an end.
    class Sink {
    public:
        virtual ~Sink() = default;
        virtual void text(Place place, std::string_view utf8) = 0;
        virtual void end_text(Place place) = 0;
    };

    // `sink` outlives it.
    TextWalk(StructureView const& structure, bool header_too, Sink& sink);
    TextWalk(TextWalk const&) = delete;
    TextWalk& operator=(TextWalk const&) = delete;

    struct Octets {
        std::uint64_t begin; // in the message
        std::uint64_t end;
    };
    // Nothing: it is at its end.
    [[nodiscard]] std::optional<Octets> wanted() const;
    // As many of them as there are at hand, from the first on; empty: they cannot be had, and are passed over.
    void feed(std::string_view octets);

    // That it wants from the start to the end.
    [[nodiscard]] std::uint64_t size() const;
    // A header was, or will be, looked at in part only.
    [[nodiscard]] bool cuts_short() const;

private:
    struct Piece {
        enum class Kind : std::uint8_t { header, text } kind;
        Place place;
        std::uint64_t begin; // in the message
        std::uint64_t end;
        std::string encoding = {}; // of a text
        std::string charset = {};
        bool html = false;
    };

    void add_header(PartView const& part, Place place);
    void add_parts(PartView const& part, bool headers_too);
    void begin_piece();
    void end_piece();

    Sink& sink_;
    std::vector<Piece> pieces_;
    std::size_t at_ = 0;
    std::uint64_t offset_ = 0; // of the next octet of the piece
    std::string header_;       // read so far, of a header
    std::optional<TextExtractor> extractor_;
};

} // namespace postern::message
