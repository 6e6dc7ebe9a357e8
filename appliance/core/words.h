// A list as an administrator writes it in a setting. Pure; any thread.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

namespace postern::core {

// What stands between spaces, tabs and commas; refers to `written`.
[[nodiscard]] constexpr std::vector<std::string_view> words(std::string_view written) {
    constexpr std::string_view between = ", \t";
    std::vector<std::string_view> words;
    while (true) {
        auto const begin = written.find_first_not_of(between);
        if (begin == std::string_view::npos) return words;
        written.remove_prefix(begin);
        auto const end = std::min(written.find_first_of(between), written.size());
        words.push_back(written.substr(0, end));
        written.remove_prefix(end);
    }
}

} // namespace postern::core
