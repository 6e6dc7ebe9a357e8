// Lines made one. Pure; any thread.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace postern::text {

// All of `text` but its CRs and LFs.
inline void append_without_line_ends(std::string_view text, std::string& out) {
    while (!text.empty()) {
        auto const end = std::ranges::find_if(text, [](char c) { return c == '\r' || c == '\n'; });
        auto const run = static_cast<std::size_t>(end - text.begin());
        out += text.substr(0, run);
        text.remove_prefix(std::min(run + 1, text.size()));
    }
}

} // namespace postern::text
