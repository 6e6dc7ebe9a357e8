#include "autoconfig/site.h"

#include "autoconfig/apple_profile.h"
#include "autoconfig/autodiscover.h"
#include "autoconfig/pacc.h"
#include "autoconfig/setup_page.h"
#include "autoconfig/thunderbird.h"
#include "pages/language.h"
#include "text/ascii.h"
#include "text/base64.h"

#include <algorithm>
#include <format>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace postern::autoconfig {

namespace {

using http::Method;
using http::Request;
using http::Response;

constexpr std::string_view xml = "application/xml; charset=utf-8";
constexpr std::string_view json = "application/json";

// RFC 7468 §2: what is between each certificate's lines.
std::vector<std::string> certificates_in(std::string_view pem) {
    constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----", end = "-----END CERTIFICATE-----";
    std::vector<std::string> found;
    while (true) {
        auto const from = pem.find(begin), to = pem.find(end);
        if (from == std::string_view::npos || to == std::string_view::npos || to < from) return found;
        std::string base64;
        for (char const c : pem.substr(from + begin.size(), to - from - begin.size()))
            if (!text::is_space(c)) base64 += c;
        if (auto der = text::base64_decode(base64)) found.push_back(std::move(*der));
        pem.remove_prefix(to + end.size());
    }
}

Response document(std::string_view type, std::string content) {
    return {.content_type = std::string(type), .content = std::move(content)};
}
Response download(std::string_view type, std::string_view name, std::string content) {
    auto response = document(type, std::move(content));
    response.fields.emplace_back("Content-Disposition", std::format("attachment; filename=\"{}\"", name));
    return response;
}

// Whoever is asked for somebody of another domain knows nothing.
Response tell_thunderbird(Office const& office, Request const& request) {
    auto const address = request.parameter("emailaddress");
    auto const person = person_of(address, office.servers.domain);
    if (!address.empty() && !person) return http::error_page(404);
    return document(xml, thunderbird_document(office.servers, person, office.page_url));
}

Response tell_outlook(Office const& office, Request const& request) {
    // What a client asks by plain HTTP without an address is where to ask ([MS-OXDISCO] §3.1.5.4).
    if (request.method != Method::post) {
        if (!request.secure) return http::found_at(office.secure_url + std::string(autodiscover_path));
        return document(xml, autodiscover_error(600));
    }
    auto const asked = read_autodiscover(request.body);
    auto const person = person_of(asked.address, office.servers.domain);
    if (!person) return document(xml, autodiscover_error(600));
    if (!asked.for_outlook) return document(xml, autodiscover_error(601));
    return document(xml, autodiscover_document(office.servers, *person));
}

Response point_outlook(Office const& office, Request const& request) {
    std::string_view protocol;
    for (auto const& [name, value] : request.parameters)
        if (text::iequals(name, "Protocol")) protocol = value;
    auto pointer = autodiscover_pointer(protocol, office.secure_url);
    auto response = document(json, std::move(pointer.json));
    if (!pointer.found) response.status = 400;
    return response;
}

Response tell_apple(Office const& office, Request const& request) {
    auto const certificates = certificates_in(office.authorities());
    auto const address = request.parameter("address");
    auto const person = person_of(address, office.servers.domain);
    if ((certificates.empty() && !person) || (!address.empty() && !person)) return http::error_page(404);
    return download("application/x-apple-aspen-config", "office.mobileconfig",
                    apple_profile(office.servers, person, certificates));
}

Response give_authority(Office const& office, Request const& request) {
    auto pem = office.authorities();
    auto const certificates = certificates_in(pem);
    bool const next = request.path.ends_with("/next.crt");
    if (certificates.size() < (next ? 2 : 1)) return http::error_page(404);
    if (request.path.ends_with(".pem")) return download("application/x-pem-file", "office.pem", std::move(pem));
    return download("application/x-x509-ca-cert", next ? "next.crt" : "office.crt", certificates[next ? 1 : 0]);
}

Response show_page(Office const& office, Request const& request) {
    auto const address = request.parameter("address");
    Reader const reader{.language = pages::language_of(request),
                        .person = person_of(address, office.servers.domain),
                        .unknown = !address.empty() && !person_of(address, office.servers.domain),
                        .user_agent = request.field("user-agent")};
    return setup_page(office, reader, certificates_in(office.authorities()));
}

// Shown within the page, which came by another scheme; by plain HTTP it would prove nothing.
Response prove_trust(Office const&, Request const& request) {
    if (!request.secure) return http::error_page(404);
    auto response = document("image/svg+xml", trusted_picture(pages::language_of(request)));
    response.fields.emplace_back("Content-Security-Policy",
                                 "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors http: https:");
    return response;
}

} // namespace

std::vector<http::Route> routes(Office office) {
    auto const shared = std::make_shared<Office const>(std::move(office));
    using Answer = Response (*)(Office const&, Request const&);
    auto const by = [&](Answer answer) -> std::function<http::asio::awaitable<Response>(Request)> {
        return [shared, answer](Request request) -> http::asio::awaitable<Response> {
            return [](std::shared_ptr<Office const> of, Answer tell, Request asked) -> http::asio::awaitable<Response> {
                co_return tell(*of, asked);
            }(shared, answer, std::move(request));
        };
    };
    return {
        {.path = "/mail/config-v1.1.xml", .answer = by(tell_thunderbird)},
        {.path = "/.well-known/autoconfig/mail/config-v1.1.xml", .answer = by(tell_thunderbird)},
        {.path = std::string(autodiscover_path), .any_case = true, .post = true, .answer = by(tell_outlook)},
        {.path = "/autodiscover/autodiscover.json", .any_case = true, .answer = by(point_outlook)},
        {.path = "/autodiscover/autodiscover.json/*", .any_case = true, .answer = by(point_outlook)},
        {.path = "/.well-known/user-agent-configuration.json", .answer = by([](Office const& of, Request const&) {
                                                                   return document(
                                                                       json, pacc_document(of.servers, of.page_url));
                                                               })},
        {.path = "/setup/office.mobileconfig", .answer = by(tell_apple)},
        {.path = "/setup/office.crt", .answer = by(give_authority)},
        {.path = "/setup/next.crt", .answer = by(give_authority)},
        {.path = "/setup/office.pem", .answer = by(give_authority)},
        {.path = "/", .answer = by(show_page)},
        {.path = "/setup/trusted.svg", .answer = by(prove_trust)},
    };
}

} // namespace postern::autoconfig
