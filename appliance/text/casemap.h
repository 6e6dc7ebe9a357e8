// i;unicode-casemap (RFC 5051): what makes "STRASSE", "Élan" and "elan" with a combining accent compare as people
// expect. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postern::text {

// RFC 5051 §2: each character in title case, then decomposed. Two strings match if their casemaps are equal; one
// contains the other if its casemap contains the other's. Broken UTF-8 counts as U+FFFD. At most eleven times as long
// as `utf8` (U+FDFA, three octets, decomposes to thirty-three).
std::string casemap(std::string_view utf8);
void append_casemap(std::string_view utf8, std::string& out);

// Up to where the casemap of `utf8` stays as it is whatever follows: marks that follow a character, and those that it
// decomposes to, are put in order. 0, if it is nothing but marks.
[[nodiscard]] std::size_t casemap_boundary(std::string_view utf8);

} // namespace postern::text
