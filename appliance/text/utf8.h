// UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postern::text {

bool is_ascii(std::string_view bytes);
bool is_utf8(std::string_view bytes);

// Each maximal piece of a broken sequence becomes one U+FFFD, as Unicode §3.9 recommends.
std::string to_valid_utf8(std::string_view bytes);

// What others wrote, where a line is to be made of it: valid, controls become spaces, and of more than `most` octets
// the whole characters at its beginning.
std::string one_line(std::string_view bytes, std::size_t most);

inline constexpr char32_t replacement_character = 0xfffd;

// What stands at the front of some octets.
struct Utf8Front {
    enum class Kind : std::uint8_t { character, broken, incomplete };
    Kind kind;
    std::uint8_t length; // octets it takes; for `incomplete` those that are there
    char32_t character;  // of a `character`; U+FFFD otherwise
};

// `bytes` must not be empty.
Utf8Front utf8_front(std::string_view bytes);

// Surrogates and what is above U+10FFFF become U+FFFD.
void append_utf8(std::string& out, char32_t character);

// How many of the leading octets are ASCII; and how many are whole characters.
std::size_t ascii_prefix(std::string_view bytes);
std::size_t utf8_prefix(std::string_view bytes);

} // namespace postern::text
