#include "pages/language.h"

#include "core/trim.h"
#include "text/ascii.h"

#include <algorithm>

namespace postern::pages {

namespace {

std::string_view take(std::string_view& list, char end) {
    auto const at = std::min(list.find(end), list.size());
    auto const piece = core::trimmed(list.substr(0, at));
    list.remove_prefix(std::min(at + 1, list.size()));
    return piece;
}

// RFC 9110 §12.4.2, in thousandths; one that makes no sense is none.
int weight_of(std::string_view parameters) {
    constexpr int most = 1000;
    while (!parameters.empty()) {
        auto parameter = take(parameters, ';');
        if (!text::iequals(take(parameter, '='), "q")) continue;
        if (parameter.empty() || !text::is_digit(parameter.front())) return 0;
        int weight = (parameter.front() - '0') * most;
        int unit = most / 10;
        for (char const c : parameter.substr(std::min(parameter.size(), std::size_t{2}))) {
            if (!text::is_digit(c)) return 0;
            weight += (c - '0') * unit;
            unit /= 10;
        }
        return std::min(weight, most);
    }
    return most;
}

} // namespace

std::string_view language_of(http::Request const& request) {
    if (auto const chosen = request.parameter("lang"); !chosen.empty())
        if (auto const known = std::ranges::find(languages, chosen); known != languages.end()) return *known;
    return choose_language(request.field("accept-language"), languages);
}

std::string_view choose_language(std::string_view accept_language, std::span<std::string_view const> there_are) {
    std::string_view best = there_are.front();
    int best_weight = 0;
    while (!accept_language.empty()) {
        auto range = take(accept_language, ',');
        auto tag = take(range, ';');
        auto const primary = text::lower(take(tag, '-'));
        auto const found = std::ranges::find(there_are, primary);
        int const weight = weight_of(range);
        if (weight <= best_weight || (found == there_are.end() && primary != "*")) continue;
        best = found == there_are.end() ? there_are.front() : *found;
        best_weight = weight;
    }
    return best;
}

} // namespace postern::pages
