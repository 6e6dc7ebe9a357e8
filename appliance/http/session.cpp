#include "http/session.h"

#include "http/codec.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <string_view>
#include <utility>

namespace postern::http {

namespace {

void add_headers(Response& response) {
    constexpr std::pair<std::string_view, std::string_view> unless_said_otherwise[] = {
        {"Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Cache-Control", "no-store"}};
    for (auto const& [name, value] : unless_said_otherwise)
        if (!std::ranges::contains(response.fields, name, &Fields::value_type::first))
            response.fields.emplace_back(name, value);
}

} // namespace

asio::awaitable<void> serve(net::Connection& connection, Site const& site, core::Clock const& clock) {
    RequestReader reader;
    auto memory = connection.share();
    core::SteadyTime until = clock.steady() + idle_time;
    auto const say = [&](Response response, bool persistent, bool to_head) {
        add_headers(response);
        if (connection.is_tls()) std::ranges::copy(site.secure(), std::back_inserter(response.fields));
        connection.queue_whole(format(response, clock.wall(), persistent, to_head));
    };
    for (unsigned requests = 0; requests < most_requests;) {
        auto read = reader.next(connection.input());
        connection.consume(read.consumed);
        switch (read.outcome) {
        case Reading::request: {
            ++requests;
            read.request.secure = connection.is_tls();
            read.request.address = connection.endpoints().peer_address;
            bool const to_head = read.request.method == Method::head;
            bool const persistent = read.persistent && requests < most_requests;
            auto response = co_await site.answer(std::move(read.request));
            (void)memory.resize(0);
            say(std::move(response), persistent, to_head);
            if (!persistent || !co_await connection.flush_if_full()) co_return;
            until = clock.steady() + idle_time;
            continue;
        }
        case Reading::malformed: co_return say(error_page(read.status), false, false);
        case Reading::proceed: connection.queue("HTTP/1.1 100 Continue\r\n\r\n"); break;
        case Reading::partial: break;
        }
        if (reader.in_request() && memory.octets() == 0) {
            until = clock.steady() + request_time;
            if (!memory.resize(body_limit)) co_return say(error_page(503), false, false);
        }
        auto const left = std::chrono::ceil<std::chrono::seconds>(until - clock.steady());
        connection.set_idle_time(std::max(left, std::chrono::seconds{1}));
        bool const late = left <= std::chrono::seconds{0};
        switch (late ? net::Input::timed_out : co_await connection.fill()) {
        case net::Input::data:
        case net::Input::event: break;
        case net::Input::timed_out:
            // RFC 9110 §15.5.9: one who asked nothing is not answered.
            if (reader.in_request()) say(error_page(408), false, false);
            co_return;
        case net::Input::closed:
        case net::Input::dismissed:
        case net::Input::shutdown: co_return;
        }
    }
}

} // namespace postern::http
