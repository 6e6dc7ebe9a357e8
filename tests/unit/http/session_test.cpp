#include "http/session.h"
#include "support/office_fixture.h"
#include "support/session_client.h"

#include <CppUTest/TestHarness.h>

#include <string>
#include <string_view>

using namespace postern;
using namespace postern::http;

namespace {

asio::awaitable<Response> greet(Request request) {
    co_return Response{.content_type = "text/plain", .content = "hello " + request.body};
}

} // namespace

TEST_GROUP(HttpSession) {
    test::OfficeFixture fixture{1};
    Site const site{
        {{.path = "/hello", .answer = greet}, {.path = "/Post/*", .any_case = true, .post = true, .answer = greet}}};

    std::string said_to(std::string_view octets) {
        test::SessionClient client(fixture, [this](net::Connection& connection, office::Office& office) {
            return serve(connection, site, office.clock);
        });
        client.feed(octets);
        client.stream().feed_end();
        return client.read_to_end();
    }
    std::string said_to_line(std::string_view line) {
        return said_to(std::string(line) + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    }
};

TEST(HttpSession, answers_one_after_the_other) {
    auto const said = said_to("GET /hello HTTP/1.1\r\nHost: a\r\n\r\nPOST /post/x HTTP/1.1\r\nHost: a\r\n"
                              "Content-Length: 3\r\n\r\nyouHEAD /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                              "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    auto const first = said.find("HTTP/1.1 200 OK\r\n"), second = said.find("HTTP/1.1 200 OK\r\n", first + 1),
               third = said.find("HTTP/1.1 200 OK\r\n", second + 1);
    CHECK(third != std::string::npos);
    STRCMP_CONTAINS("\r\n\r\nhello ", said.substr(first, second - first).c_str());
    STRCMP_CONTAINS("\r\n\r\nhello you", said.substr(second, third - second).c_str());
    CHECK(said.ends_with("Connection: close\r\n\r\n")); // HEAD has no content, and nothing follows
}

TEST(HttpSession, answers_what_is_not_there_and_what_cannot_be_done) {
    STRCMP_CONTAINS("HTTP/1.1 404 Not Found\r\n", said_to_line("GET /other").c_str());
    STRCMP_CONTAINS("HTTP/1.1 404 Not Found\r\n", said_to_line("GET /Hello").c_str());
    STRCMP_CONTAINS("HTTP/1.1 404 Not Found\r\n", said_to_line("GET /post/").c_str());
    STRCMP_CONTAINS("HTTP/1.1 200 OK\r\n", said_to_line("GET /pOST/x").c_str());
    auto const refused = said_to_line("POST /hello");
    STRCMP_CONTAINS("HTTP/1.1 405 Method Not Allowed\r\n", refused.c_str());
    STRCMP_CONTAINS("Allow: GET, HEAD\r\n", refused.c_str());
    STRCMP_CONTAINS("HTTP/1.1 501 Not Implemented\r\n", said_to_line("DELETE /hello").c_str());
}

TEST(HttpSession, what_makes_no_sense_ends_it) {
    auto const said = said_to("nonsense\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    STRCMP_CONTAINS("HTTP/1.1 400 Bad Request\r\n", said.c_str());
    CHECK(said.find("HTTP/1.1", 1) == std::string::npos);
}

TEST(HttpSession, tells_browsers_to_be_careful) {
    auto const said = said_to_line("GET /hello");
    STRCMP_CONTAINS("Content-Security-Policy: default-src 'none'", said.c_str());
    STRCMP_CONTAINS("frame-ancestors 'none'", said.c_str());
    STRCMP_CONTAINS("X-Content-Type-Options: nosniff\r\n", said.c_str());
    STRCMP_CONTAINS("Cache-Control: no-store\r\n", said.c_str());
}

TEST(HttpSession, a_client_that_never_finishes_is_told_so) {
    test::SessionClient client(fixture, [this](net::Connection& connection, office::Office& office) {
        return serve(connection, site, office.clock);
    });
    client.feed("GET /hello HTTP/1.1\r\n");
    fixture.io.poll();
    fixture.clock.advance(std::chrono::seconds{60});
    client.feed("Host: a\r\n");
    STRCMP_CONTAINS("HTTP/1.1 408 Request Timeout\r\n", client.read_to_end().c_str());
}
