// The quoted-printable transfer encoding (RFC 2045 §6.7). Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postern::text {

// Incremental. Text lines end in CRLF and stay so; every line of the result is at most 76 characters long. Bare CR and
// LF are encoded, and "-" where a line begins, so that no line can be taken for a boundary's (RFC 2046 §5.1.1),
// wherever it was broken.
class QuotedPrintableEncoder {
public:
    // Appends to `out` what `bytes` are encoded to, as far as it is certain: all but two octets at most.
    void feed(std::string_view bytes, std::string& out);
    // Appends what is still held back. The encoder is then as new.
    void finish(std::string& out);

private:
    void encode(std::size_t end, std::string& out);

    std::string held_;
    std::size_t column_ = 0;
};

std::string quoted_printable_encode(std::string_view bytes);

// Lenient and incremental: what is not a valid escape passes through as it stands (RFC 2045 §6.7, robust
// implementations), blanks at a line's end are transport padding and go. Holds back one line's trailing blanks at most,
// and of those no more than a thousand, so that memory is bounded.
class QuotedPrintableDecoder {
public:
    // Appends to `out` what `text` decodes to, as far as it is certain.
    void feed(std::string_view text, std::string& out);
    // Appends what is still held back. The decoder is then as new.
    void finish(std::string& out);

private:
    bool half_escape() const;
    void flush(std::string& out);

    std::string held_; // blanks, or "=" and what follows it, whose meaning the next octets decide
};

} // namespace postern::text
