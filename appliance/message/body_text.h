// The text of a body part as UTF-8, for searching and for previews: transfer encoding and charset decoded, markup
// removed, a piece at a time. Belongs to one thread at a time.
#pragma once

#include "message/html_text.h"
#include "text/base64.h"
#include "text/charset.h"
#include "text/quoted_printable.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace postern::message {

class TextExtractor {
public:
    // Takes UTF-8 in whole characters; never empty.
    using Sink = std::function<void(std::string_view utf8)>;

    // `encoding` and `charset` as the part's header spells them. An encoding that is not known is taken for none
    // (RFC 2045 §6.4 would have the part opaque, but then it could not be found), a charset likewise (text/charset.h).
    TextExtractor(std::string_view encoding, std::string_view charset, bool html, Sink sink,
                  HtmlText::Breaks breaks = HtmlText::Breaks::spaces);

    // A piece of the part's body, as it lies in the message.
    void feed(std::string_view bytes);
    // To be called once, at the end.
    void finish();

private:
    void pass_on();

    std::variant<std::monostate, text::Base64Decoder, text::QuotedPrintableDecoder> transfer_;
    text::CharsetDecoder charset_;
    std::optional<HtmlText> html_;
    Sink sink_;
    std::string octets_; // reused from piece to piece
    std::string utf8_;
};

} // namespace postern::message
