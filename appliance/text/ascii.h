// ASCII as mail protocols know it: case, classes and trimming of octets, independent of any locale. An octet of 128 or
// more belongs to no class and has no case.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace postern::text {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_alpha(char c) { return is_upper(c) || is_lower(c); }
constexpr bool is_alnum(char c) { return is_alpha(c) || is_digit(c); }
constexpr bool is_ascii(char c) { return static_cast<unsigned char>(c) < 128; }
constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 32 || c == 127; }
constexpr bool is_visible(char c) { return c > 32 && c < 127; }                   // RFC 5234 VCHAR
constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }                 // RFC 5234 WSP
constexpr bool is_space(char c) { return is_blank(c) || c == '\r' || c == '\n'; } // what folding white space is made of

// RFC 5322 §3.2.3 atext
constexpr bool is_atext(char c) {
    return is_alnum(c) || (is_visible(c) && std::string_view("!#$%&'*+-/=?^_`{|}~").contains(c));
}

// The value of a hexadecimal digit of either case, or -1.
constexpr int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

constexpr char to_lower(char c) { return is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c; }
constexpr char to_upper(char c) { return is_lower(c) ? static_cast<char>(c - ('a' - 'A')) : c; }

constexpr bool iequals(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, to_lower, to_lower);
}

constexpr bool istarts_with(std::string_view whole, std::string_view start) {
    return whole.size() >= start.size() && iequals(whole.substr(0, start.size()), start);
}

constexpr std::string lower(std::string_view s) {
    std::string out(s);
    for (char& c : out) c = to_lower(c);
    return out;
}

constexpr std::string upper(std::string_view s) {
    std::string out(s);
    for (char& c : out) c = to_upper(c);
    return out;
}

// Without spaces, tabs, CR and LF at both ends.
constexpr std::string_view trim(std::string_view s) {
    while (!s.empty() && is_space(s.front())) s.remove_prefix(1);
    while (!s.empty() && is_space(s.back())) s.remove_suffix(1);
    return s;
}

// Orders and compares by ASCII case-insensitively, for maps of names; `is_transparent` lets a string_view be looked up.
struct ILess {
    using is_transparent = void;
    constexpr bool operator()(std::string_view a, std::string_view b) const {
        return std::ranges::lexicographical_compare(a, b, {}, to_lower, to_lower);
    }
};

} // namespace postern::text
