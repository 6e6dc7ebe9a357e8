// What an HTTP client asks and is answered (RFC 9110), as values. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::http {

enum class Method : std::uint8_t { get, head, post, other };

using Fields = std::vector<std::pair<std::string, std::string>>;

// The value of the first of that name; empty: there is none.
[[nodiscard]] inline std::string_view first(Fields const& fields, std::string_view name) {
    auto const found =
        std::ranges::find(fields, name, [](auto const& field) -> std::string_view { return field.first; });
    return found == fields.end() ? std::string_view() : found->second;
}

struct Request {
    Method method = Method::get;
    std::string path = "/"; // decoded (RFC 3986 §2.1)
    Fields parameters{};    // of the query, decoded; a name may come twice
    std::string host{};     // by which the client knows us, in lower case, without a port; may be empty
    Fields fields{};        // names in lower case
    std::string body{};
    bool secure = false;   // it came by TLS
    std::string address{}; // of the client

    [[nodiscard]] std::string_view field(std::string_view name) const { return first(fields, name); }
    [[nodiscard]] std::string_view parameter(std::string_view name) const { return first(parameters, name); }

    bool operator==(Request const&) const = default;
};

struct Response {
    unsigned status = 200;
    std::string content_type{}; // empty: there is no content
    std::string content{};
    Fields fields{}; // beside those of the content, and those that every response has
};

// To be asked for by GET, whatever was asked now (RFC 9110 §15.4.4).
[[nodiscard]] inline Response see_other(std::string location) {
    return {.status = 303, .fields = {{"Location", std::move(location)}}};
}

// RFC 9110 §15.4.3
[[nodiscard]] inline Response found_at(std::string location) {
    return {.status = 302, .fields = {{"Location", std::move(location)}}};
}

} // namespace postern::http
