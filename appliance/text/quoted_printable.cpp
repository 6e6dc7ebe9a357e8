#include "text/quoted_printable.h"

#include "text/ascii.h"

#include <algorithm>
#include <optional>

namespace postern::text {
namespace {

constexpr std::size_t line_limit = 76; // RFC 2045 §6.7 rule 5
constexpr std::size_t escape_width = 3;
constexpr std::size_t lookahead = 2;           // whether a line ends after an octet
constexpr std::size_t held_line_limit = 1'000; // longer than any legal line (RFC 5322 §2.1.1)

void append_escaped(std::string& out, char c) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    auto const octet = static_cast<unsigned char>(c);
    out += '=';
    out += digits[octet >> 4];
    out += digits[octet & 15];
}

// How many of the leading octets stand for themselves for certain: no "=", and no blanks but single ones within a line.
std::size_t plain_prefix(std::string_view text) {
    std::size_t i = 0;
    for (; i < text.size() && text[i] != '='; ++i) {
        if (!is_blank(text[i])) continue;
        if (i + 1 == text.size() || is_blank(text[i + 1]) || text[i + 1] == '\r' || text[i + 1] == '\n') break;
    }
    return i;
}

// "=" and two digits at the front.
std::optional<char> whole_escape(std::string_view text) {
    if (text.size() < 3 || text[0] != '=' || hex_value(text[1]) < 0 || hex_value(text[2]) < 0) return std::nullopt;
    return static_cast<char>(hex_value(text[1]) * 16 + hex_value(text[2]));
}

} // namespace

void QuotedPrintableEncoder::feed(std::string_view bytes, std::string& out) {
    held_ += bytes;
    encode(held_.size() - std::min(held_.size(), lookahead), out);
}

void QuotedPrintableEncoder::finish(std::string& out) {
    encode(held_.size(), out);
    column_ = 0;
}

// Encodes what is held before `end`.
void QuotedPrintableEncoder::encode(std::size_t end, std::string& out) {
    std::size_t i = 0;
    for (; i < end; ++i) {
        char const c = held_[i];
        std::string_view const rest = std::string_view(held_).substr(i + 1);
        if (c == '\r' && rest.starts_with('\n')) {
            out += "\r\n";
            ++i;
            column_ = 0;
            continue;
        }
        bool const line_ends = rest.empty() || rest.starts_with("\r\n");
        bool literal = (is_visible(c) && c != '=') || (is_blank(c) && !line_ends);
        // The last column is kept for the "=" of a soft break, unless the line ends by itself.
        if (column_ + (literal ? 1 : escape_width) > (line_ends ? line_limit : line_limit - 1)) {
            out += "=\r\n";
            column_ = 0;
        }
        if (column_ == 0 && c == '-') literal = false;
        if (literal)
            out += c;
        else
            append_escaped(out, c);
        column_ += literal ? 1 : escape_width;
    }
    held_.erase(0, i);
}

std::string quoted_printable_encode(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 8);
    QuotedPrintableEncoder encoder;
    encoder.feed(bytes, out);
    encoder.finish(out);
    return out;
}

void QuotedPrintableDecoder::feed(std::string_view text, std::string& out) {
    for (std::size_t i = 0; i < text.size();) {
        if (held_.empty()) {
            std::size_t const special = i + plain_prefix(text.substr(i));
            out += text.substr(i, special - i);
            i = special;
            if (i == text.size()) return;
            if (auto const octet = whole_escape(text.substr(i))) {
                out += *octet;
                i += 3;
            } else {
                held_ += text[i++];
            }
            continue;
        }
        char const c = text[i];
        if (held_.front() != '=') { // blanks
            if (is_blank(c)) {
                held_ += c;
                ++i;
                if (held_.size() >= held_line_limit) flush(out);
            } else if (c == '\r' || c == '\n') {
                held_.clear();
            } else {
                flush(out);
            }
            continue;
        }
        if (half_escape()) {
            if (hex_value(c) >= 0) {
                out += static_cast<char>(hex_value(held_[1]) * 16 + hex_value(c));
                held_.clear();
                ++i;
            } else {
                flush(out);
            }
        } else if (c == '\n') { // a soft line break: "=", padding, CRLF or a lone LF
            held_.clear();
            ++i;
        } else if (held_.back() != '\r' && held_.size() < held_line_limit &&
                   (is_blank(c) || c == '\r' || (held_.size() == 1 && hex_value(c) >= 0))) {
            held_ += c;
            ++i;
        } else {
            flush(out);
        }
    }
}

bool QuotedPrintableDecoder::half_escape() const {
    return held_.size() == 2 && held_[0] == '=' && hex_value(held_[1]) >= 0;
}

void QuotedPrintableDecoder::flush(std::string& out) {
    out += held_;
    held_.clear();
}

void QuotedPrintableDecoder::finish(std::string& out) {
    // "=" at the very end is a soft break whose line end was cut off; blanks there are padding.
    if (half_escape()) out += held_;
    held_.clear();
}

} // namespace postern::text
