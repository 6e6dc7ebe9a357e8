#include "imap/part_decoder.h"

#include "text/ascii.h"

#include <array>
#include <utility>

namespace postern::imap {

std::optional<TransferEncoding> find_transfer_encoding(std::string_view name) {
    using enum TransferEncoding;
    static constexpr std::array<std::pair<std::string_view, TransferEncoding>, 5> known{
        {{"7bit", none}, {"8bit", none}, {"binary", none}, {"base64", base64}, {"quoted-printable", quoted_printable}}};
    for (auto const& [spelled, encoding] : known)
        if (text::iequals(spelled, name)) return encoding;
    return std::nullopt;
}

PartDecoder::PartDecoder(TransferEncoding encoding) {
    switch (encoding) {
    case TransferEncoding::none: break;
    case TransferEncoding::base64: decoder_.emplace<text::Base64Decoder>(); break;
    case TransferEncoding::quoted_printable: decoder_.emplace<text::QuotedPrintableDecoder>(); break;
    }
}

std::string PartDecoder::feed(std::string octets, bool last) {
    if (std::holds_alternative<std::monostate>(decoder_)) return octets;
    std::string out;
    auto const decode = [&](auto& decoder) {
        decoder.feed(octets, out);
        if (last) decoder.finish(out);
    };
    if (auto* base64 = std::get_if<text::Base64Decoder>(&decoder_))
        decode(*base64);
    else
        decode(std::get<text::QuotedPrintableDecoder>(decoder_));
    return out;
}

} // namespace postern::imap
