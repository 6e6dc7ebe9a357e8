// The text of one message, looked through for needles a piece at a time: the header if asked for, text parts decoded,
// inner messages with their headers. Other parts have no text. One thread at a time.
#pragma once

#include "imap/needle_finder.h"
#include "imap/search_condition.h"
#include "message/body_text.h"
#include "message/structure.h"
#include "store/message_reader.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::imap {

class TextScan {
public:
    TextScan(std::vector<Needle> const& needles, message::StructureView const& structure);

    // Looks on, until the end or for about `octets` more, and takes what it read from `octets`. Whether it is at its
    // end. What cannot be read of its body is passed over.
    bool step(store::MessageReader& reader, store::MessageView const& message, std::uint64_t& octets);

    TextScan(TextScan const&) = delete;
    TextScan& operator=(TextScan const&) = delete;

    // Known as soon as it is found, or at the end.
    [[nodiscard]] std::optional<bool> found(std::size_t needle) const;

private:
    struct Piece {
        enum class Kind : std::uint8_t { message_header, inner_header, text } kind;
        std::uint64_t begin; // in the message
        std::uint64_t end;
        std::string encoding = {}; // of a text
        std::string charset = {};
        bool html = false;
    };

    void add_parts(message::PartView const& part);
    void begin_piece();
    void feed(std::string_view octets);
    void end_piece();

    std::vector<bool> header_too_;
    NeedleFinder in_header_; // the message's own header: not for BODY
    NeedleFinder in_body_;
    std::vector<Piece> pieces_;
    std::size_t at_ = 0;
    std::uint64_t offset_ = 0; // of the next octet of the piece
    std::string header_;       // read so far, of a header
    std::string read_;         // last; reused
    std::optional<message::TextExtractor> extractor_;
};

} // namespace postern::imap
