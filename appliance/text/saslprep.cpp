#include "text/saslprep.h"

#include "text/ascii.h"
#include "text/normal_form.h"
#include "text/utf8.h"

#include <unictype.h>

#include <cstdint>

namespace postern::text {
namespace {

constexpr bool within(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

// RFC 3454 table C.1.2
constexpr bool is_non_ascii_space(char32_t c) {
    return c == 0xa0 || c == 0x1680 || within(c, 0x2000, 0x200b) || c == 0x202f || c == 0x205f || c == 0x3000;
}

// RFC 3454 table B.1. U+200B is in C.1.2 as well, and RFC 4013 §2.1 maps that one to a space first.
constexpr bool is_mapped_to_nothing(char32_t c) {
    return c == 0xad || c == 0x34f || c == 0x1806 || within(c, 0x180b, 0x180d) || within(c, 0x200b, 0x200d) ||
           c == 0x2060 || within(c, 0xfe00, 0xfe0f) || c == 0xfeff;
}

// RFC 4013 §2.3: tables C.1.2, C.2.1, C.2.2, C.3 to C.9 of RFC 3454
constexpr bool is_prohibited(char32_t c) {
    return is_non_ascii_space(c) || c < 0x20 || c == 0x7f ||                         // C.1.2, C.2.1
           within(c, 0x80, 0x9f) || c == 0x6dd || c == 0x70f || c == 0x180e ||       // C.2.2
           within(c, 0x200c, 0x200d) || within(c, 0x2028, 0x2029) ||                 // C.2.2
           within(c, 0x2060, 0x2063) || within(c, 0x206a, 0x206f) ||                 // C.2.2, C.8
           c == 0xfeff || within(c, 0xfff9, 0xfffd) ||                               // C.2.2, C.6
           within(c, 0x1d173, 0x1d17a) ||                                            // C.2.2
           within(c, 0xe000, 0xf8ff) || within(c, 0xf0000, 0x10ffff) ||              // C.3
           within(c, 0xfdd0, 0xfdef) || (c & 0xfffe) == 0xfffe ||                    // C.4
           within(c, 0xd800, 0xdfff) || within(c, 0x2ff0, 0x2ffb) ||                 // C.5, C.7
           within(c, 0x340, 0x341) || c == 0x200e || c == 0x200f ||                  // C.8
           within(c, 0x202a, 0x202e) || c == 0xe0001 || within(c, 0xe0020, 0xe007f); // C.8, C.9
}

bool is_right_to_left(char32_t c) {
    int const direction = uc_bidi_category(c);
    return direction == UC_BIDI_R || direction == UC_BIDI_AL;
}

// RFC 3454 §6
bool directions_agree(std::u32string_view characters) {
    bool right = false;
    bool left = false;
    for (char32_t c : characters) {
        right = right || is_right_to_left(c);
        left = left || uc_bidi_category(c) == UC_BIDI_L;
    }
    return !right || (!left && is_right_to_left(characters.front()) && is_right_to_left(characters.back()));
}

} // namespace

std::optional<std::string> saslprep(std::string_view utf8) {
    if (!is_utf8(utf8)) return std::nullopt;
    // RFC 4013 §2.1
    std::string mapped;
    for (std::string_view rest = utf8; !rest.empty();) {
        Utf8Front const front = utf8_front(rest);
        if (is_non_ascii_space(front.character))
            mapped += ' ';
        else if (!is_mapped_to_nothing(front.character))
            append_utf8(mapped, front.character);
        rest.remove_prefix(front.length);
    }
    // RFC 4013 §2.2
    std::string out = to_form_kc(mapped);

    std::u32string characters;
    for (std::string_view rest = out; !rest.empty();) {
        Utf8Front const front = utf8_front(rest);
        if (is_prohibited(front.character)) return std::nullopt;
        characters += front.character;
        rest.remove_prefix(front.length);
    }
    if (!directions_agree(characters)) return std::nullopt;
    return out;
}

} // namespace postern::text
