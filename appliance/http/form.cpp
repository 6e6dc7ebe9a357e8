#include "http/form.h"

#include "core/secret.h"
#include "http/parameters.h"
#include "text/ascii.h"

#include <algorithm>
#include <format>

namespace postern::http {

std::optional<Form> Form::take(Request& request) {
    auto const type = request.field("content-type");
    if (!text::iequals(type.substr(0, type.find(';')), "application/x-www-form-urlencoded")) return std::nullopt;
    std::ranges::replace(request.body, '+', ' ');
    auto fields = read_parameters(request.body);
    core::wipe(request.body);
    if (!fields) return std::nullopt;
    return Form(std::move(*fields));
}

Form::~Form() {
    for (auto& [name, value] : fields_) core::wipe(value);
}

std::string_view Form::field(std::string_view name) const { return first(fields_, name); }

bool is_from_own_page(Request const& request) {
    if (auto const site = request.field("sec-fetch-site"); !site.empty())
        return site == "same-origin" || site == "none";
    auto const origin = request.field("origin");
    return origin.empty() ||
           text::iequals(origin, std::format("{}://{}", request.secure ? "https" : "http", request.field("host")));
}

} // namespace postern::http
