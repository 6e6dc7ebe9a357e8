#include "text/base64.h"

#include <array>

namespace postern::text {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t not_a_digit = 0xff;
constexpr std::size_t line_octets = 57; // what 76 characters hold

constexpr auto values = [] {
    std::array<std::uint8_t, 256> table;
    table.fill(not_a_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return table;
}();

std::uint8_t value(char c) { return values[static_cast<unsigned char>(c)]; }

char octet(std::uint32_t bits, unsigned shift) { return static_cast<char>(bits >> shift & 0xff); }

} // namespace

std::string base64_encode(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::string_view const group = bytes.substr(i, 3);
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 3; ++k)
            bits = bits << 8 | (k < group.size() ? static_cast<unsigned char>(group[k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k) out += k <= group.size() ? alphabet[bits >> (18 - 6 * k) & 63] : '=';
    }
    return out;
}

void Base64Encoder::feed(std::string_view bytes, std::string& out) {
    held_ += bytes;
    std::string_view rest = held_;
    for (; rest.size() >= line_octets; rest.remove_prefix(line_octets))
        out += base64_encode(rest.substr(0, line_octets)) + "\r\n";
    held_.erase(0, held_.size() - rest.size());
}

void Base64Encoder::finish(std::string& out) {
    if (!held_.empty()) out += base64_encode(held_) + "\r\n";
    held_.clear();
}

std::uint64_t base64_lines_size(std::uint64_t octets) {
    return (octets + 2) / 3 * 4 + (octets + line_octets - 1) / line_octets * 2;
}

std::optional<std::string> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && text.ends_with('=')) {
        text.remove_suffix(1);
        ++padding;
    }
    for (char c : text)
        if (value(c) == not_a_digit) return std::nullopt;
    // RFC 4648 §3.5: bits that encode nothing must be zero, or one value would have many spellings.
    if (padding != 0 && (value(text.back()) & (padding == 1 ? 0x3 : 0xf)) != 0) return std::nullopt;
    std::string out;
    out.reserve(text.size() / 4 * 3 + 2);
    Base64Decoder decoder;
    decoder.feed(text, out);
    decoder.finish(out);
    return out;
}

void Base64Decoder::feed(std::string_view text, std::string& out) {
    std::size_t const start = out.size();
    // Four digits yield three octets; grown once and cut once, since appending octet by octet costs four times as much.
    out.resize(start + (text.size() + 3) / 4 * 3 + 3);
    char* at = out.data() + start;
    for (char c : text) {
        std::uint8_t const digit = value(c);
        if (digit != not_a_digit) {
            bits_ = bits_ << 6 | digit;
            if (++digits_ < 4) continue;
            *at++ = octet(bits_, 16);
            *at++ = octet(bits_, 8);
            *at++ = octet(bits_, 0);
            digits_ = 0;
        } else if (c == '=') {
            if (digits_ >= 2) *at++ = octet(bits_, 6 * digits_ - 8);
            if (digits_ == 3) *at++ = octet(bits_, 2);
            digits_ = 0;
        }
    }
    out.resize(static_cast<std::size_t>(at - out.data()));
}

void Base64Decoder::finish(std::string& out) { feed("=", out); }

} // namespace postern::text
