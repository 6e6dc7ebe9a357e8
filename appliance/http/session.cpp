#include "http/session.h"

#include "http/codec.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace postern::http {

namespace {

void add_headers(Response& response) {
    response.fields.emplace_back("Content-Security-Policy",
                                 "default-src 'none'; style-src 'self'; img-src 'self' data:; "
                                 "form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    response.fields.emplace_back("X-Content-Type-Options", "nosniff");
    response.fields.emplace_back("Referrer-Policy", "no-referrer");
    bool const caches = std::ranges::contains(response.fields, "Cache-Control", &Fields::value_type::first);
    if (!caches) response.fields.emplace_back("Cache-Control", "no-store");
}

} // namespace

asio::awaitable<void> serve(net::Connection& connection, Site const& site, core::Clock const& clock) {
    RequestReader reader;
    auto memory = connection.share();
    core::SteadyTime until = clock.steady() + idle_time;
    auto const say = [&](Response response, bool persistent, bool to_head) {
        add_headers(response);
        connection.queue_whole(format(response, clock.wall(), persistent, to_head));
    };
    for (unsigned requests = 0; requests < most_requests;) {
        auto read = reader.next(connection.input());
        connection.consume(read.consumed);
        switch (read.outcome) {
        case Reading::request: {
            ++requests;
            read.request.secure = connection.is_tls();
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
        case net::Input::shutdown: co_return;
        }
    }
}

} // namespace postern::http
