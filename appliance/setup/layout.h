// Text for places of a certain width. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace postern::setup {

// How many columns it takes. What the menu says has none but characters of one column.
[[nodiscard]] std::size_t columns(std::string_view text);
// Its beginning or its end, if it takes more columns than there are.
[[nodiscard]] std::string cut(std::string_view text, std::size_t width);
[[nodiscard]] std::string cut_front(std::string_view text, std::size_t width);
// Lines of at most `width` columns, broken between words, or within one that is longer.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t width);
// In ASCII, for what has no other characters: "für" becomes "fuer", "Сеть" "Set".
[[nodiscard]] std::string in_ascii(std::string_view text);

} // namespace postern::setup
