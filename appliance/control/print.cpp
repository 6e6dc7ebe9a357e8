#include "control/print.h"

#include "text/ascii.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <format>
#include <string_view>
#include <vector>

namespace postern::control {

namespace {

namespace json = boost::json;

// Control octets could speak to the terminal.
std::string clean(std::string_view octets) {
    std::string text(octets);
    std::ranges::replace_if(text, text::is_control, '?');
    return text;
}

std::string label(std::string_view key) {
    std::string text = clean(key);
    std::ranges::replace(text, '_', ' ');
    return text;
}

// "1.5 MiB"
std::string size(double octets) {
    constexpr std::array<std::string_view, 5> units{"", " KiB", " MiB", " GiB", " TiB"};
    std::size_t unit = 0;
    for (; octets >= 1024 && unit + 1 < units.size(); ++unit) octets /= 1024;
    return unit == 0 ? std::format("{:.0f}", octets) : std::format("{:.1f}{}", octets, units[unit]);
}

std::string scalar(std::string_view key, json::value const& value) {
    if (value.is_string()) return clean(value.get_string());
    if (value.is_bool()) return value.get_bool() ? "yes" : "no";
    if (value.is_null()) return "";
    if (value.is_number() && key.ends_with("octets")) return size(value.to_number<double>());
    if (json::array const* array = value.if_array()) {
        if (array->empty()) return "none";
        std::string joined;
        for (json::value const& item : *array) joined += (joined.empty() ? "" : ", ") + scalar(key, item);
        return joined;
    }
    return json::serialize(value);
}

bool is_table(json::value const& value) {
    json::array const* array = value.if_array();
    return array != nullptr && !array->empty() && std::ranges::all_of(*array, &json::value::is_object);
}

// Of code points, near enough for padding.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void put_line(std::string& out, std::string_view indent, std::vector<std::string> const& cells,
              std::vector<std::size_t> const& widths) {
    out += indent;
    for (std::size_t column = 0; column < cells.size(); ++column) {
        out += cells[column];
        if (column + 1 < cells.size()) out.append(widths[column] - width(cells[column]) + 2, ' ');
    }
    while (out.ends_with(' ')) out.pop_back();
    out += '\n';
}

// The first row's keys are the columns.
void put_table(std::string& out, std::string_view indent, json::array const& rows) {
    std::vector<std::vector<std::string>> lines(1);
    for (auto const& field : rows.front().as_object()) lines[0].push_back(label(field.key()));
    for (json::value const& row : rows) {
        lines.emplace_back();
        for (auto const& field : row.as_object()) lines.back().push_back(scalar(field.key(), field.value()));
        lines.back().resize(lines[0].size());
    }
    std::vector<std::size_t> widths(lines[0].size());
    for (auto const& line : lines)
        for (std::size_t column = 0; column < line.size(); ++column)
            widths[column] = std::max(widths[column], width(line[column]));
    for (auto const& line : lines) put_line(out, indent, line, widths);
}

void put_object(std::string& out, std::string_view indent, json::object const& object) {
    std::size_t widest = 0;
    for (auto const& field : object) widest = std::max(widest, field.key().size() + 1);
    std::string const deeper = std::string(indent) + "  ";
    for (auto const& field : object) {
        std::string const name = label(field.key()) + ":";
        if (json::object const* inner = field.value().if_object()) {
            put_line(out, indent, {name}, {0});
            put_object(out, deeper, *inner);
        } else if (is_table(field.value())) {
            put_line(out, indent, {name}, {0});
            put_table(out, deeper, field.value().get_array());
        } else {
            put_line(out, indent, {name, scalar(field.key(), field.value())}, {widest, 0});
        }
    }
}

} // namespace

std::string print(json::value const& result) {
    std::string out;
    if (json::object const* object = result.if_object())
        put_object(out, "", *object);
    else if (is_table(result))
        put_table(out, "", result.get_array());
    else if (!result.is_null())
        out = scalar("", result) + "\n";
    return out;
}

} // namespace postern::control
