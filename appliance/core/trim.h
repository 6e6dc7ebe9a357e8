// Blanks at the ends of what an administrator wrote. Pure; any thread.
#pragma once

#include <string_view>

namespace postern::core {

[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) {
    auto const begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

} // namespace postern::core
