#include "http/site.h"

#include "text/ascii.h"

#include <algorithm>
#include <format>
#include <string_view>

namespace postern::http {

namespace {

bool leads_to(std::string_view path, Route const& route) {
    std::string_view pattern = route.path;
    auto const same = [&](std::string_view a, std::string_view b) {
        return route.any_case ? text::iequals(a, b) : a == b;
    };
    if (!pattern.ends_with("/*")) return same(path, pattern);
    pattern.remove_suffix(1);
    return path.size() > pattern.size() && same(path.substr(0, pattern.size()), pattern);
}

std::string_view words_for(unsigned status) {
    switch (status) {
    case 400: return "The request makes no sense.";
    case 403: return "The request did not come from a page of this server.";
    case 404: return "There is no such page.";
    case 405: return "This cannot be done with that page.";
    case 408: return "The request took too long.";
    case 413: return "The request is too large.";
    case 431: return "The request has too many header fields.";
    case 501: return "The request is of a kind that is not known here.";
    case 503: return "There is no room for the request at the moment. Please try again.";
    case 505: return "The request is of a version of HTTP that is not known here.";
    default: return "Something went wrong. Please try again.";
    }
}

} // namespace

Response error_page(unsigned status) {
    return {.status = status,
            .content_type = "text/plain; charset=utf-8",
            .content = std::format("{}\n", words_for(status))};
}

asio::awaitable<Response> Site::answer(Request request) const {
    auto const route = std::ranges::find_if(routes_, [&](Route const& each) { return leads_to(request.path, each); });
    if (request.method == Method::other) co_return error_page(501);
    if (route == routes_.end()) co_return error_page(404);
    if (request.method == Method::post && !route->post) {
        auto refusal = error_page(405);
        refusal.fields.emplace_back("Allow", "GET, HEAD"); // RFC 9110 §15.5.6
        co_return refusal;
    }
    co_return co_await route->answer(std::move(request));
}

} // namespace postern::http
