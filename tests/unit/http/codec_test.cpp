#include "http/codec.h"

#include <CppUTest/TestHarness.h>

#include <chrono>
#include <format>
#include <string>
#include <string_view>
#include <vector>

using namespace postern;
using namespace postern::http;

namespace {

struct Read {
    std::vector<ReadRequest> requests;
    unsigned refused = 0;
    unsigned told_to_proceed = 0;
};

Read read(std::string_view octets, std::size_t piece) {
    RequestReader reader;
    Read all;
    std::string input;
    while (true) {
        auto one = reader.next(input);
        input.erase(0, one.consumed);
        switch (one.outcome) {
        case Reading::request: all.requests.push_back(std::move(one)); continue;
        case Reading::malformed: all.refused = one.status; return all;
        case Reading::proceed: ++all.told_to_proceed; break;
        case Reading::partial: break;
        }
        if (octets.empty()) return all;
        input += octets.substr(0, piece);
        octets.remove_prefix(std::min(piece, octets.size()));
    }
}

Request only(std::string_view octets) {
    auto all = read(octets, octets.size());
    LONGS_EQUAL(1, all.requests.size());
    auto const in_pieces = read(octets, 1);
    LONGS_EQUAL(1, in_pieces.requests.size());
    CHECK(in_pieces.requests.front().request == all.requests.front().request);
    return std::move(all.requests.front().request);
}

Request get(std::string_view target) { return only(std::format("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", target)); }

unsigned refusal(std::string_view octets) {
    auto const whole = read(octets, octets.size());
    LONGS_EQUAL(0, whole.requests.size());
    LONGS_EQUAL(whole.refused, read(octets, 1).refused);
    return whole.refused;
}

} // namespace

TEST_GROUP(HttpRequest){};

TEST(HttpRequest, has_a_path_parameters_a_host_and_fields) {
    auto const request = only("GET /mail/config-v1.1.xml?emailaddress=al%69ce%40office.lan&x&y=a+b HTTP/1.1\r\n"
                              "Host: AutoConfig.Office.LAN.:8080\r\nAccept-Language: de\r\n\r\n");
    CHECK(request.method == Method::get);
    STRCMP_EQUAL("/mail/config-v1.1.xml", request.path.c_str());
    STRCMP_EQUAL("alice@office.lan", std::string(request.parameter("emailaddress")).c_str());
    STRCMP_EQUAL("a+b", std::string(request.parameter("y")).c_str());
    STRCMP_EQUAL("", std::string(request.parameter("x")).c_str());
    STRCMP_EQUAL("autoconfig.office.lan", request.host.c_str());
    STRCMP_EQUAL("de", std::string(request.field("accept-language")).c_str());
}

TEST(HttpRequest, has_content_by_length_or_in_chunks) {
    STRCMP_EQUAL("hello", only("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello").body.c_str());
    STRCMP_EQUAL("hello", only("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                               "3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nA: b\r\n\r\n")
                              .body.c_str());
}

TEST(HttpRequest, several_come_on_one_connection) {
    std::string const one = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n";
    for (std::size_t piece : {1UZ, 7UZ, 1000UZ}) {
        auto const all =
            read("\r\n" + one + "\r\n" + one + "GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", piece);
        LONGS_EQUAL(3, all.requests.size());
        CHECK(all.requests[0].persistent);
        CHECK_FALSE(all.requests[2].persistent);
        STRCMP_EQUAL("/3", all.requests[2].request.path.c_str());
    }
    CHECK_FALSE(read("GET / HTTP/1.0\r\n\r\n", 100).requests.front().persistent);
}

TEST(HttpRequest, a_client_that_waits_is_told_to_proceed_once) {
    std::string_view const octets = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\nok";
    auto const all = read(octets, 1);
    LONGS_EQUAL(1, all.told_to_proceed);
    STRCMP_EQUAL("ok", all.requests.front().request.body.c_str());
    LONGS_EQUAL(0, read(octets, octets.size()).told_to_proceed); // its content is here
}

TEST(HttpRequest, its_target_may_be_absolute) {
    STRCMP_EQUAL("/a", get("http://setup.office.lan/a?b").path.c_str());
    STRCMP_EQUAL("/", get("http://setup.office.lan").path.c_str());
}

TEST(HttpRequest, what_makes_no_sense_is_refused) {
    LONGS_EQUAL(400, refusal("hello\r\n\r\n"));
    LONGS_EQUAL(400, refusal("GET / HTTP/1.1\r\n\r\n"));                       // no host
    LONGS_EQUAL(400, refusal("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")); // two
    LONGS_EQUAL(400, refusal("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"));
    LONGS_EQUAL(400, refusal("GET /%0d%0a HTTP/1.1\r\nHost: a\r\n\r\n"));
    LONGS_EQUAL(400, refusal("GET /?a=%0 HTTP/1.1\r\nHost: a\r\n\r\n"));
    LONGS_EQUAL(400, refusal("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"));
    LONGS_EQUAL(
        400, refusal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
    LONGS_EQUAL(400, refusal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"));
    LONGS_EQUAL(400, refusal("GET / HTTP/1.1\r\nHost : a\r\n\r\n"));
    LONGS_EQUAL(505, refusal("GET / HTTP/2.0\r\nHost: a\r\n\r\n"));
}

TEST(HttpRequest, what_is_too_large_is_refused) {
    LONGS_EQUAL(431, refusal("GET / HTTP/1.1\r\nHost: a\r\nA: " + std::string(head_limit, 'x') + "\r\n\r\n"));
    LONGS_EQUAL(413, refusal(std::format("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", body_limit + 1)));
    LONGS_EQUAL(413, refusal("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFF\r\n" +
                             std::string(body_limit + 1, 'x')));
}

TEST(HttpRequest, nothing_is_read_behind_what_made_no_sense) {
    RequestReader reader;
    LONGS_EQUAL(400, reader.next("hello\r\n\r\n").status);
    CHECK(reader.next("GET / HTTP/1.1\r\nHost: a\r\n\r\n").outcome == Reading::malformed);
}

TEST_GROUP(HttpResponse){};

TEST(HttpResponse, has_a_date_and_says_how_long_it_is) {
    using namespace std::chrono;
    core::WallTime const then = sys_days{year{1994} / 11 / 6} + 8h + 49min + 37s; // RFC 9110 §5.6.7
    Response const response{.content_type = "text/plain", .content = "hello", .fields = {{"A", "b"}}};
    STRCMP_EQUAL("HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nA: b\r\nContent-Type: text/plain\r\n"
                 "Content-Length: 5\r\n\r\nhello",
                 format(response, then, true, false).c_str());
    STRCMP_EQUAL("HTTP/1.1 404 Not Found\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n"
                 "Connection: close\r\n\r\n",
                 format({.status = 404}, then, false, false).c_str());
    auto const head = format(response, then, true, true);
    CHECK(head.ends_with("Content-Length: 5\r\n\r\n"));
}
