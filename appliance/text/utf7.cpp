#include "text/utf7.h"

#include "text/ascii.h"
#include "text/utf8.h"

#include <cstdint>

namespace postern::text {
namespace {

// RFC 3501 §5.1.3: base64 with "," for "/", no padding.
constexpr std::string_view modified_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

constexpr bool stands_for_itself(char32_t c) { return c >= 0x20 && c <= 0x7e; }
constexpr bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xd800 && unit <= 0xdbff; }
constexpr bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

// What stands between "&" and "-": UTF-16 in modified base64. Appends it to `out`; false if it is not canonical.
bool decode_shifted(std::string_view digits, std::string& out) {
    std::uint32_t bits = 0;
    unsigned count = 0;
    std::uint32_t high = 0; // a high surrogate that waits for its other half
    for (char c : digits) {
        std::size_t const value = modified_alphabet.find(c);
        if (value == std::string_view::npos) return false;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        count += 6;
        if (count < 16) continue;
        count -= 16;
        std::uint32_t const unit = bits >> count & 0xffff;
        if (is_low_surrogate(unit) != (high != 0)) return false;
        if (is_high_surrogate(unit)) {
            high = unit;
        } else if (high != 0) {
            append_utf8(out, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
            high = 0;
        } else if (stands_for_itself(unit)) {
            return false;
        } else {
            append_utf8(out, unit);
        }
    }
    return high == 0 && count < 6 && (bits & ((1U << count) - 1)) == 0;
}

void encode_shifted(std::u16string_view units, std::string& out) {
    std::uint32_t bits = 0;
    unsigned count = 0;
    out += '&';
    for (char16_t unit : units) {
        bits = bits << 16 | unit;
        for (count += 16; count >= 6; count -= 6) out += modified_alphabet[bits >> (count - 6) & 63];
    }
    if (count > 0) out += modified_alphabet[bits << (6 - count) & 63];
    out += '-';
}

} // namespace

std::optional<std::string> utf7_decode(std::string_view name) {
    std::string out;
    bool after_shift = false;
    while (!name.empty()) {
        char const c = name.front();
        name.remove_prefix(1);
        if (!stands_for_itself(static_cast<unsigned char>(c))) return std::nullopt;
        if (c != '&') {
            out += c;
            after_shift = false;
            continue;
        }
        std::size_t const end = name.find('-');
        if (end == std::string_view::npos) return std::nullopt;
        std::string_view const digits = name.substr(0, end);
        name.remove_prefix(end + 1);
        if (digits.empty()) {
            out += '&';
            after_shift = false;
            continue;
        }
        if (after_shift || !decode_shifted(digits, out)) return std::nullopt;
        after_shift = true;
    }
    return out;
}

std::string utf7_encode(std::string_view utf8) {
    std::string out;
    std::u16string shifted;
    while (!utf8.empty()) {
        Utf8Front const front = utf8_front(utf8);
        char32_t const c = front.character;
        utf8.remove_prefix(front.length);
        if (!stands_for_itself(c)) {
            if (c > 0xffff) {
                shifted += static_cast<char16_t>(0xd800 + ((c - 0x10000) >> 10));
                shifted += static_cast<char16_t>(0xdc00 + ((c - 0x10000) & 0x3ff));
            } else {
                shifted += static_cast<char16_t>(c);
            }
            if (!utf8.empty()) continue;
        }
        if (!shifted.empty()) encode_shifted(shifted, out);
        shifted.clear();
        if (!stands_for_itself(c)) break;
        out += static_cast<char>(c);
        if (c == '&') out += '-';
    }
    return out;
}

} // namespace postern::text
