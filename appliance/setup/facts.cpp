#include "setup/facts.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <format>
#include <utility>

namespace postern::setup {

namespace json = boost::json;

json::value fact_of(control::Answer answer) { return answer ? std::move(*answer) : json::value(); }

json::value const& field(json::value const& object, std::string_view path) {
    static json::value const nothing;
    auto const dot = path.find('.');
    json::object const* fields = object.if_object();
    json::value const* found = fields == nullptr ? nullptr : fields->if_contains(path.substr(0, dot));
    if (found == nullptr) return nothing;
    return dot == std::string_view::npos ? *found : field(*found, path.substr(dot + 1));
}

std::string text_of(json::value const& object, std::string_view path) {
    json::value const& found = field(object, path);
    if (found.is_null()) return {};
    return found.is_string() ? std::string(found.get_string()) : json::serialize(found);
}

std::int64_t number_of(json::value const& object, std::string_view path) {
    boost::system::error_code error;
    auto const number = field(object, path).to_number<std::int64_t>(error);
    return error ? 0 : number;
}

json::array const& rows_of(json::value const& value) {
    static json::array const none;
    return value.is_array() ? value.get_array() : none;
}

std::string moment_of(std::string_view written) {
    return written.size() < 16 ? std::string(written)
                               : std::format("{} {} UTC", written.substr(0, 10), written.substr(11, 5));
}

std::string size_of(std::int64_t octets) {
    constexpr double step = 1024;
    constexpr std::string_view units[] = {"KiB", "MiB", "GiB", "TiB"};
    double size = static_cast<double>(octets) / step;
    std::size_t unit = 0;
    for (; size >= step && unit + 1 < std::size(units); ++unit) size /= step;
    return std::format("{:.1f} {}", size, units[unit]);
}

} // namespace postern::setup
