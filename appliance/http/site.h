// What there is on a server: a table of paths, and who answers them. Filled once, then read alone; one executor.
#pragma once

#include "http/message.h"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>
#include <vector>

namespace postern::http {

namespace asio = boost::asio;

struct Route {
    std::string path;      // "/setup/ca.crt"; at its end "/*" is whatever follows
    bool any_case = false; // of the letters of the path
    bool post = false;     // it takes POST; GET and HEAD all do
    std::function<asio::awaitable<Response>(Request)> answer;
};

class Site {
public:
    // `secure`: what every answer says that goes by TLS.
    explicit Site(std::vector<Route> routes, Fields secure = {})
        : routes_(std::move(routes)), secure_(std::move(secure)) {}

    // 404, 405 and 501 are answers, too (RFC 9110 §15).
    asio::awaitable<Response> answer(Request request) const;

    [[nodiscard]] Fields const& secure() const { return secure_; }

private:
    std::vector<Route> routes_;
    Fields secure_;
};

// For people, in a few words.
[[nodiscard]] Response error_page(unsigned status);

} // namespace postern::http
