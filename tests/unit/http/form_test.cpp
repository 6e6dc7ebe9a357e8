#include "http/cookie.h"
#include "http/form.h"

#include <CppUTest/TestHarness.h>

#include <string>

using namespace postern::http;

TEST_GROUP(Form) {
    Request request{.method = Method::post,
                    .host = "mail.office.lan",
                    .fields = {{"host", "Mail.office.lan:8443"}, {"content-type", "application/x-www-form-urlencoded"}},
                    .secure = true};
};

TEST(Form, is_read_as_browsers_write_it_and_leaves_no_body) {
    request.body = "address=alice%2Bb%40office.lan&password=a+b%2B%C3%A9%26&empty=&address=second";
    auto const form = Form::take(request);
    CHECK_TRUE(form.has_value());
    STRCMP_EQUAL("alice+b@office.lan", std::string(form->field("address")).c_str());
    STRCMP_EQUAL("a b+\xc3\xa9&", std::string(form->secret("password").reveal()).c_str());
    STRCMP_EQUAL("", std::string(form->field("empty")).c_str());
    STRCMP_EQUAL("", std::string(form->field("none")).c_str());
    CHECK_TRUE(request.body.empty());
}

TEST(Form, is_nothing_else) {
    request.body = "a=%4";
    CHECK_FALSE(Form::take(request).has_value());
    request.body = "a=%00";
    CHECK_FALSE(Form::take(request).has_value());
    request.body = "a=1";
    request.fields[1].second = "text/plain";
    CHECK_FALSE(Form::take(request).has_value());
    request.fields[1].second = "Application/X-WWW-Form-Urlencoded; charset=utf-8";
    CHECK_TRUE(Form::take(request).has_value());
}

TEST(Form, comes_from_a_page_of_this_origin_alone) {
    struct Row {
        std::string_view name, value;
        bool own;
    };
    constexpr Row rows[] = {
        {"sec-fetch-site", "same-origin", true},
        {"sec-fetch-site", "none", true},
        {"sec-fetch-site", "same-site", false},
        {"sec-fetch-site", "cross-site", false},
        {"origin", "https://mail.office.lan:8443", true},
        {"origin", "https://mail.office.lan", false},
        {"origin", "http://mail.office.lan:8443", false},
        {"origin", "https://mail.office.lan:8443.evil.example", false},
        {"origin", "null", false},
        {"referer", "https://evil.example/", true}, // a client that says neither has no pages of others
    };
    for (auto const& row : rows) {
        Request asked = request;
        asked.fields.emplace_back(row.name, row.value);
        CHECK_EQUAL_TEXT(row.own, is_from_own_page(asked), std::string(row.value).c_str());
    }
    // What a page cannot forge decides.
    request.fields.emplace_back("origin", "https://mail.office.lan:8443");
    request.fields.emplace_back("sec-fetch-site", "cross-site");
    CHECK_FALSE(is_from_own_page(request));
}

TEST_GROUP(Cookie){};

TEST(Cookie, is_found_among_others) {
    Request request{.fields = {{"cookie", "a=1; __Host-account2=x;__Host-account=0f=; b="}}};
    STRCMP_EQUAL("0f=", std::string(cookie(request, "__Host-account")).c_str());
    STRCMP_EQUAL("1", std::string(cookie(request, "a")).c_str());
    STRCMP_EQUAL("", std::string(cookie(request, "b")).c_str());
    STRCMP_EQUAL("", std::string(cookie(request, "account")).c_str());
    STRCMP_EQUAL("", std::string(cookie({}, "a")).c_str());
}

TEST(Cookie, goes_to_this_host_by_tls_alone_and_to_no_script) {
    STRCMP_EQUAL("__Host-a=1; Path=/; Secure; HttpOnly; SameSite=Lax", set_cookie("__Host-a", "1").c_str());
    STRCMP_EQUAL("__Host-a=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax", end_cookie("__Host-a").c_str());
}
