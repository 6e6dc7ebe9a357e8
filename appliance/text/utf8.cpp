#include "text/utf8.h"

#include "text/ascii.h"

#include <algorithm>
#include <cstring>

namespace postern::text {

std::size_t ascii_prefix(std::string_view bytes) {
    std::size_t i = 0;
    for (std::uint64_t word; i + sizeof word <= bytes.size(); i += sizeof word) {
        std::memcpy(&word, bytes.data() + i, sizeof word);
        if ((word & 0x8080808080808080) != 0) break;
    }
    while (i < bytes.size() && is_ascii(bytes[i])) ++i;
    return i;
}

bool is_ascii(std::string_view bytes) { return ascii_prefix(bytes) == bytes.size(); }

Utf8Front utf8_front(std::string_view bytes) {
    auto const octet = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    unsigned const lead = octet(0);
    if (lead < 0x80) return {Utf8Front::Kind::character, 1, lead};
    // What nearly all letters take that are not ASCII.
    if (lead >= 0xc2 && lead <= 0xdf && bytes.size() > 1 && (octet(1) & 0xc0) == 0x80)
        return {Utf8Front::Kind::character, 2, char32_t{(lead & 0x1f) << 6 | (octet(1) & 0x3f)}};
    if ((lead & 0xf0) == 0xe0 && bytes.size() > 2 && (octet(1) & 0xc0) == 0x80 && (octet(2) & 0xc0) == 0x80) {
        char32_t const character = (lead & 0x0f) << 12 | (octet(1) & 0x3f) << 6 | (octet(2) & 0x3f);
        if (character >= 0x800 && character >> 11 != 0x1b) return {Utf8Front::Kind::character, 3, character};
    }

    // RFC 3629 §4: the second octet's range depends on the first, the others are 80..BF.
    std::size_t length = 0;
    unsigned low = 0x80;
    unsigned high = 0xbf;
    char32_t character = 0;
    if (lead >= 0xc2 && lead <= 0xdf) {
        length = 2;
        character = lead & 0x1f;
    } else if (lead >= 0xe0 && lead <= 0xef) {
        length = 3;
        character = lead & 0x0f;
        if (lead == 0xe0) low = 0xa0;
        if (lead == 0xed) high = 0x9f;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
        length = 4;
        character = lead & 0x07;
        if (lead == 0xf0) low = 0x90;
        if (lead == 0xf4) high = 0x8f;
    } else {
        return {Utf8Front::Kind::broken, 1, replacement_character};
    }
    for (std::size_t i = 1; i < length; ++i) {
        auto const so_far = static_cast<std::uint8_t>(i);
        if (i == bytes.size()) return {Utf8Front::Kind::incomplete, so_far, replacement_character};
        if (octet(i) < low || octet(i) > high) return {Utf8Front::Kind::broken, so_far, replacement_character};
        low = 0x80;
        high = 0xbf;
        character = character << 6 | (octet(i) & 0x3f);
    }
    return {Utf8Front::Kind::character, static_cast<std::uint8_t>(length), character};
}

std::size_t utf8_prefix(std::string_view bytes) {
    std::size_t size = 0;
    while (size < bytes.size()) {
        std::string_view const rest = bytes.substr(size);
        if (std::size_t const ascii = ascii_prefix(rest)) {
            size += ascii;
            continue;
        }
        Utf8Front const front = utf8_front(rest);
        if (front.kind != Utf8Front::Kind::character) break;
        size += front.length;
    }
    return size;
}

bool is_utf8(std::string_view bytes) { return utf8_prefix(bytes) == bytes.size(); }

std::string to_valid_utf8(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    for (;;) {
        std::size_t const ascii = ascii_prefix(bytes);
        out += bytes.substr(0, ascii);
        bytes.remove_prefix(ascii);
        if (bytes.empty()) return out;
        Utf8Front const front = utf8_front(bytes);
        append_utf8(out, front.character);
        bytes.remove_prefix(front.length);
    }
}

std::string one_line(std::string_view bytes, std::size_t most) {
    std::string line = to_valid_utf8(bytes.substr(0, most));
    line.resize(utf8_prefix(std::string_view(line).substr(0, most)));
    std::ranges::replace_if(line, is_control, ' ');
    return line;
}

void append_utf8(std::string& out, char32_t c) {
    auto const tail = [&](unsigned shift) { return static_cast<char>(0x80 | (c >> shift & 0x3f)); };
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) c = replacement_character;
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xc0 | c >> 6);
        out += tail(0);
    } else if (c < 0x10000) {
        out += static_cast<char>(0xe0 | c >> 12);
        out += tail(6);
        out += tail(0);
    } else {
        out += static_cast<char>(0xf0 | c >> 18);
        out += tail(12);
        out += tail(6);
        out += tail(0);
    }
}

} // namespace postern::text
