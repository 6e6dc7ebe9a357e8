#include "message/extended_parameters.h"

#include "text/ascii.h"
#include "text/charset.h"
#include "text/percent.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace postern::message {
namespace {

constexpr std::string_view in_utf_8 = "utf-8'"; // then the language
constexpr std::size_t extended_octets = 4096;   // of a value with a charset, decoded: in UTF-8 it may grow ninefold

// RFC 2231 §7: parameter names, taken apart.
struct Name {
    std::string_view attribute;
    std::optional<std::size_t> section; // of several
    bool extended = false;              // charset and language in the first section, percent-encoding in any
};

Name take_apart(std::string_view name) {
    Name out{name, {}, name.ends_with('*')};
    if (out.extended) name.remove_suffix(1);
    if (auto const star = name.find('*'); star != std::string_view::npos) {
        std::size_t number = 0;
        auto const digits = name.substr(star + 1);
        auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (error != std::errc() || end != digits.data() + digits.size()) return {out.attribute, {}, false};
        out.section = number;
        name = name.substr(0, star);
    }
    out.attribute = name;
    return out;
}

bool is_printable(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

using Sections = std::vector<std::size_t>; // where each stands among the parameters, in their order

// All sections of a value; none if some are missing, or there are others of their numbers.
Sections sections_of(std::vector<Name> const& names, std::size_t at) {
    if (!names[at].section) return {at};
    Sections out;
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i].section && text::iequals(names[i].attribute, names[at].attribute)) out.push_back(i);
    std::ranges::sort(out, {}, [&](std::size_t i) { return *names[i].section; });
    for (std::size_t number = 0; number < out.size(); ++number)
        if (names[out[number]].section != number) return {};
    return out;
}

std::optional<Parameter> join(std::vector<Parameter> const& parameters, std::vector<Name> const& names,
                              Sections const& sections) {
    std::string_view charset;
    std::string_view language;
    std::string octets;
    bool extended = false;
    for (std::size_t const i : sections) {
        std::string_view value = parameters[i].value;
        if (!names[i].extended) {
            octets += value;
            continue;
        }
        if (i == sections.front()) {
            auto const quote = value.find('\'');
            auto const second = quote == std::string_view::npos ? quote : value.find('\'', quote + 1);
            if (second == std::string_view::npos) return std::nullopt;
            charset = value.substr(0, quote);
            language = value.substr(quote + 1, second - quote - 1);
            value.remove_prefix(second + 1);
        }
        octets += text::percent_decode(value).value_or(std::string(value));
        extended = true;
    }
    std::string name(names[sections.front()].attribute);
    bool const is_taken = find(parameters, name).has_value();
    if (!extended) return is_taken ? std::nullopt : std::optional(Parameter{std::move(name), std::move(octets)});
    if (octets.size() > extended_octets || !is_printable(language)) return std::nullopt;
    std::string value = text::charset_to_utf8(charset, octets);
    if (!is_taken && is_printable(value)) return Parameter{std::move(name), std::move(value)};
    return Parameter{name + "*", std::string(in_utf_8) + std::string(language) + "'" + text::percent_encode(value)};
}

} // namespace

std::vector<Parameter> join_extended(std::vector<Parameter> parameters) {
    std::vector<Name> names;
    for (Parameter const& parameter : parameters) names.push_back(take_apart(parameter.name));
    std::vector<Parameter> out;
    std::vector<bool> done(parameters.size());
    for (std::size_t at = 0; at < parameters.size(); ++at) {
        if (done[at]) continue;
        Sections const sections = names[at].section || names[at].extended ? sections_of(names, at) : Sections();
        auto joined = sections.empty() ? std::nullopt : join(parameters, names, sections);
        if (joined)
            for (std::size_t const section : sections) done[section] = true;
        out.push_back(joined ? *std::move(joined) : parameters[at]);
    }
    return out;
}

std::string as_read(Parameter const& joined) {
    if (!joined.name.ends_with('*') || !joined.value.starts_with(in_utf_8)) return joined.value;
    std::string_view const rest = std::string_view(joined.value).substr(in_utf_8.size());
    return text::percent_decode(rest.substr(std::min(rest.find('\''), rest.size() - 1) + 1)).value_or(joined.value);
}

} // namespace postern::message
