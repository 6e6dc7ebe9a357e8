#include "http/parameters.h"

#include "text/ascii.h"
#include "text/percent.h"

#include <algorithm>
#include <utility>

namespace postern::http {

std::optional<std::string> decode(std::string_view encoded) {
    auto decoded = text::percent_decode(encoded);
    if (decoded && std::ranges::any_of(*decoded, text::is_control)) return std::nullopt;
    return decoded;
}

std::optional<Fields> read_parameters(std::string_view encoded) {
    Fields parameters;
    while (!encoded.empty()) {
        auto const end = std::min(encoded.find('&'), encoded.size());
        auto const pair = encoded.substr(0, end);
        encoded.remove_prefix(std::min(end + 1, encoded.size()));
        if (pair.empty()) continue;
        auto const equals = std::min(pair.find('='), pair.size());
        auto name = decode(pair.substr(0, equals));
        auto value = decode(pair.substr(std::min(equals + 1, pair.size())));
        if (!name || !value) return std::nullopt;
        parameters.emplace_back(std::move(*name), std::move(*value));
    }
    return parameters;
}

} // namespace postern::http
