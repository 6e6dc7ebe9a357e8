// RFC 8970: the beginning of what a message says, for lists of messages: of the first of its parts that says something,
// decoded, without markup, white space collapsed. Left out are attachments, signatures, what no eye sees, and what the
// writer only quotes with the line that says of whom; quoted text is taken where there is nothing else. What is
// encrypted says nothing. Like TextWalk it says which octets of the message it wants next, and wants no more than it
// needs. Pure; one thread at a time.
#pragma once

#include "message/body_text.h"
#include "message/structure.h"
#include "message/text_walk.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

inline constexpr std::size_t preview_characters = 200; // RFC 8970 §3.3

class Preview {
public:
    explicit Preview(StructureView const& structure);
    Preview(Preview const&) = delete;
    Preview& operator=(Preview const&) = delete;

    // Nothing: the preview is complete.
    [[nodiscard]] std::optional<TextWalk::Octets> wanted() const;
    // As many of them as there are at hand, from the first on; empty: they cannot be had, and are passed over.
    void feed(std::string_view octets);

    // Of what was fed, to be called once, at the end: at most preview_characters of UTF-8 in one line.
    [[nodiscard]] std::string text();

private:
    struct Piece {
        std::uint64_t begin; // in the message
        std::uint64_t end;
        std::string encoding;
        std::string charset;
        bool html;
    };
    // Lines in a row.
    struct Text {
        std::string octets;
        std::size_t characters = 0;
    };

    static void add_parts(PartView const& part, std::vector<Piece>& pieces);
    void begin_piece();
    void end_piece();
    void take(std::string_view utf8);
    void put(std::string_view character);
    void end_line();
    void add_line(Text& text) const;
    void drop_attribution();
    [[nodiscard]] bool complete() const;

    std::vector<Piece> pieces_;
    std::size_t at_ = 0;
    std::uint64_t offset_ = 0; // of the next octet of the piece
    std::optional<TextExtractor> extractor_;

    Text line_;           // so far
    bool space_ = false;  // some white space waits for the line's next character
    std::string joiners_; // likewise, those that count between characters only
    bool armor_ = false;  // within the headers of an OpenPGP message
    bool over_ = false;   // of the piece, what follows is no text of its writer
    Text written_;
    std::vector<Text> before_; // of written_, where its last two lines begin
    Text quoted_;
};

} // namespace postern::message
