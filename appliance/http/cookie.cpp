#include "http/cookie.h"

#include "core/trim.h"

#include <algorithm>
#include <format>

namespace postern::http {

namespace {

// Not with what other sites' pages send, but when somebody comes here by a link (RFC 6265bis §5.6.7).
constexpr std::string_view attributes = "Path=/; Secure; HttpOnly; SameSite=Lax";

} // namespace

std::string_view cookie(Request const& request, std::string_view name) {
    for (auto pairs = request.field("cookie"); !pairs.empty();) {
        auto const end = std::min(pairs.find(';'), pairs.size());
        auto const pair = core::trimmed(pairs.substr(0, end));
        pairs.remove_prefix(std::min(end + 1, pairs.size()));
        if (pair.size() > name.size() && pair[name.size()] == '=' && pair.starts_with(name))
            return pair.substr(name.size() + 1);
    }
    return {};
}

std::string set_cookie(std::string_view name, std::string_view value) {
    return std::format("{}={}; {}", name, value, attributes);
}

std::string end_cookie(std::string_view name) { return std::format("{}=; Max-Age=0; {}", name, attributes); }

} // namespace postern::http
