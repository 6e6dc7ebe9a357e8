// Undoes the Content-Transfer-Encoding of a part (RFC 3516 §4.2, RFC 9051 §6.4.5.1), a piece at a time. What the
// decoders pass over is not decoded either: they are those of SEARCH. One thread at a time.
#pragma once

#include "text/base64.h"
#include "text/quoted_printable.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace postern::imap {

enum class TransferEncoding : std::uint8_t { none, base64, quoted_printable };

// As a header spells it; nothing if it is not known.
[[nodiscard]] std::optional<TransferEncoding> find_transfer_encoding(std::string_view name);

class PartDecoder {
public:
    explicit PartDecoder(TransferEncoding encoding);

    // What the next octets of the part decode to; `last`: there are no more.
    [[nodiscard]] std::string feed(std::string octets, bool last);

private:
    std::variant<std::monostate, text::Base64Decoder, text::QuotedPrintableDecoder> decoder_;
};

} // namespace postern::imap
