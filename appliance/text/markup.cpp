#include "text/markup.h"

#include "text/ascii.h"

#include <algorithm>
#include <array>
#include <utility>

namespace postern::text {

namespace {

// XML 1.0 §4.6
constexpr std::array<std::pair<char, std::string_view>, 5> references{
    {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&apos;"}}};

std::string unescape(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        auto const reference =
            std::ranges::find_if(references, [&](auto const& each) { return text.starts_with(each.second); });
        out += reference == references.end() ? text.front() : reference->first;
        text.remove_prefix(reference == references.end() ? 1 : reference->second.size());
    }
    return out;
}

} // namespace

std::string escape_markup(std::string_view text) {
    std::string out;
    for (char const c : text) {
        auto const reference = std::ranges::find(references, c, &std::pair<char, std::string_view>::first);
        if (reference != references.end())
            out += reference->second;
        else
            out += is_control(c) ? ' ' : c;
    }
    return out;
}

std::string element_text(std::string_view xml, std::string_view element) {
    while (true) {
        auto const open = xml.find('<');
        if (open == std::string_view::npos) return {};
        xml.remove_prefix(open + 1);
        auto const close = xml.find('>');
        if (close == std::string_view::npos) return {};
        auto const tag = xml.substr(0, close);
        xml.remove_prefix(close + 1);
        auto name = tag.substr(0, std::min(tag.find_first_of(" \t\r\n/"), tag.size()));
        name.remove_prefix(name.find(':') == std::string_view::npos ? 0 : name.find(':') + 1);
        if (name != element || tag.ends_with('/')) continue;
        auto text = xml.substr(0, std::min(xml.find('<'), xml.size()));
        while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
        while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
        return unescape(text);
    }
}

} // namespace postern::text
