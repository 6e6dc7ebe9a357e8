#include "http/codec.h"

#include "http/parameters.h"
#include "text/ascii.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <format>
#include <optional>
#include <utility>

namespace postern::http {

namespace beast = boost::beast::http;

namespace {

// RFC 9110 §7.2: a host, and perhaps a port.
std::string host_in(std::string_view field) {
    auto const bracket = field.starts_with('[') ? field.find(']') : std::string_view::npos;
    auto const colon = field.find(':', bracket == std::string_view::npos ? 0 : bracket);
    auto host = text::lower(field.substr(0, colon));
    if (host.ends_with('.')) host.pop_back();
    return host;
}

Method method_of(beast::verb verb) {
    if (verb == beast::verb::get) return Method::get;
    if (verb == beast::verb::head) return Method::head;
    if (verb == beast::verb::post) return Method::post;
    return Method::other;
}

unsigned status_of(boost::beast::error_code error) {
    if (error == beast::error::header_limit) return 431;
    if (error == beast::error::body_limit) return 413;
    if (error == beast::error::bad_version) return 505;
    return 400;
}

// Of a whole one; nothing: its target makes no sense.
std::optional<Request> read(beast::request<beast::string_body>& message) {
    Request request;
    request.method = method_of(message.method());
    std::string_view target(message.target().data(), message.target().size());
    // RFC 9112 §3.2.2: a client may take us for a proxy.
    if (text::istarts_with(target, "http://") || text::istarts_with(target, "https://")) {
        auto const authority = target.find("//") + 2;
        auto const path = target.find('/', authority);
        target = path == std::string_view::npos ? "/" : target.substr(path);
    }
    if (!target.starts_with('/')) return std::nullopt;
    auto const question = std::min(target.find('?'), target.size());
    auto path = decode(target.substr(0, question));
    auto parameters = read_parameters(target.substr(std::min(question + 1, target.size())));
    if (!path || !parameters) return std::nullopt;
    request.path = std::move(*path);
    request.parameters = std::move(*parameters);
    for (auto const& field : message) {
        std::string_view const name(field.name_string().data(), field.name_string().size());
        request.fields.emplace_back(text::lower(name), std::string(field.value().data(), field.value().size()));
    }
    request.host = host_in(request.field("host"));
    request.body = std::move(message.body());
    return request;
}

} // namespace

struct RequestReader::State {
    State() {
        parser.header_limit(head_limit);
        parser.body_limit(body_limit);
        parser.eager(true);
    }
    beast::request_parser<beast::string_body> parser;
    bool told_to_proceed = false;
    bool malformed = false;
};

RequestReader::RequestReader() : state_(std::make_unique<State>()) {}
RequestReader::~RequestReader() = default;
RequestReader::RequestReader(RequestReader&&) noexcept = default;
RequestReader& RequestReader::operator=(RequestReader&&) noexcept = default;

bool RequestReader::in_request() const { return state_->parser.got_some(); }

ReadRequest RequestReader::next(std::string_view input) {
    auto const malformed = [&](std::size_t consumed, unsigned status) {
        state_->malformed = true;
        return ReadRequest{.outcome = Reading::malformed, .consumed = consumed, .status = status};
    };
    if (state_->malformed) return malformed(0, 400);
    auto& parser = state_->parser;
    std::size_t consumed = 0;
    // RFC 9112 §2.2: empty lines before a request are passed over.
    if (!parser.got_some())
        while (consumed < input.size() && (input[consumed] == '\r' || input[consumed] == '\n')) ++consumed;
    boost::beast::error_code error;
    if (consumed < input.size()) consumed += parser.put(boost::asio::buffer(input.substr(consumed)), error);
    if (error && error != beast::error::need_more) return malformed(consumed, status_of(error));
    if (!parser.is_done()) {
        if (parser.is_header_done() && !std::exchange(state_->told_to_proceed, true) &&
            text::iequals(std::string_view(parser.get()[beast::field::expect]), "100-continue"))
            return {.outcome = Reading::proceed, .consumed = consumed};
        return {.consumed = consumed};
    }
    auto& message = parser.get();
    // RFC 9112 §3.2: there is one host, and HTTP/1.1 names it.
    auto const hosts = message.count(beast::field::host);
    if (hosts > 1 || (hosts == 0 && message.version() >= 11)) return malformed(consumed, 400);
    bool const persistent = parser.keep_alive();
    auto request = read(message);
    if (!request) return malformed(consumed, 400);
    state_ = std::make_unique<State>();
    return {
        .outcome = Reading::request, .consumed = consumed, .request = std::move(*request), .persistent = persistent};
}

std::string format(Response const& response, core::WallTime now, bool persistent, bool to_head) {
    auto const reason = beast::obsolete_reason(beast::int_to_status(response.status));
    // RFC 9110 §5.6.7
    std::string out = std::format("HTTP/1.1 {} {}\r\nDate: {:%a, %d %b %Y %H:%M:%S} GMT\r\n", response.status,
                                  std::string_view(reason.data(), reason.size()), now);
    for (auto const& [name, value] : response.fields) out += std::format("{}: {}\r\n", name, value);
    if (!response.content_type.empty()) out += std::format("Content-Type: {}\r\n", response.content_type);
    out += std::format("Content-Length: {}\r\n", response.content.size());
    if (!persistent) out += "Connection: close\r\n";
    out += "\r\n";
    if (!to_head) out += response.content;
    return out;
}

} // namespace postern::http
