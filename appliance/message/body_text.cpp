#include "message/body_text.h"

#include "text/ascii.h"

#include <algorithm>
#include <utility>

namespace postern::message {
namespace {

constexpr std::size_t piece_octets = 16 * 1024; // decoded at a time, so that memory is bounded whatever is fed

} // namespace

TextExtractor::TextExtractor(std::string_view encoding, std::string_view charset, bool html, Sink sink,
                             HtmlText::Breaks breaks)
    : charset_(charset), sink_(std::move(sink)) {
    if (text::iequals(encoding, "base64")) transfer_.emplace<text::Base64Decoder>();
    if (text::iequals(encoding, "quoted-printable")) transfer_.emplace<text::QuotedPrintableDecoder>();
    if (html) html_.emplace(breaks);
}

void TextExtractor::feed(std::string_view bytes) {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece_octets, bytes.size()))) {
        std::string_view const piece = bytes.substr(0, piece_octets);
        octets_.clear();
        if (auto* base64 = std::get_if<text::Base64Decoder>(&transfer_))
            base64->feed(piece, octets_);
        else if (auto* quoted_printable = std::get_if<text::QuotedPrintableDecoder>(&transfer_))
            quoted_printable->feed(piece, octets_);
        else
            octets_ = piece;
        charset_.feed(octets_, utf8_);
        pass_on();
    }
}

void TextExtractor::finish() {
    octets_.clear();
    if (auto* base64 = std::get_if<text::Base64Decoder>(&transfer_)) base64->finish(octets_);
    if (auto* quoted_printable = std::get_if<text::QuotedPrintableDecoder>(&transfer_))
        quoted_printable->finish(octets_);
    charset_.feed(octets_, utf8_);
    charset_.finish(utf8_);
    pass_on();
    if (!html_) return;
    html_->finish(utf8_);
    if (!utf8_.empty()) sink_(utf8_);
    utf8_.clear();
}

void TextExtractor::pass_on() {
    if (html_) {
        std::string const marked_up = std::exchange(utf8_, {});
        html_->feed(marked_up, utf8_);
    }
    if (!utf8_.empty()) sink_(utf8_);
    utf8_.clear();
}

} // namespace postern::message
