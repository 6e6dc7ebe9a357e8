#include "wire/smtp_extensions.h"

#include <CppUTest/TestHarness.h>

#include <string>
#include <vector>

namespace smtp_extensions_test {

using namespace postern::wire::smtp;
using namespace std::chrono_literals;

namespace {

// What an answer to EHLO offers whose lines after the first are these.
Extensions offered(std::vector<std::string> lines) {
    lines.insert(lines.begin(), "mail.example.com greets you");
    return parse_extensions({250, "", std::move(lines)});
}

void has_mechanisms(std::vector<std::string> const& lines, std::vector<std::string> const& expected) {
    CHECK(offered(lines).auth == expected);
}

} // namespace

TEST_GROUP(SmtpExtensions){};

TEST(SmtpExtensions, are_none_where_a_server_offers_none) {
    CHECK(offered({}) == Extensions{});
    CHECK(offered({"HELP", "X-EXPS GSSAPI", "", "PIPELININGS", "8BIT"}) == Extensions{});
}

TEST(SmtpExtensions, are_not_read_from_the_greeting) {
    CHECK(parse_extensions({250, "", {"PIPELINING", "DSN"}}) == Extensions{.dsn = true});
}

TEST(SmtpExtensions, have_no_case) {
    CHECK(offered({"pipelining", "8BitMime", "Size 5", "auth plain"}) ==
          (Extensions{.pipelining = true, .eight_bit_mime = true, .size = 5, .auth = {"PLAIN"}}));
}

TEST(SmtpExtensions, without_parameters) {
    CHECK(offered({"PIPELINING", "8BITMIME", "BINARYMIME", "CHUNKING", "SMTPUTF8", "DSN", "STARTTLS",
                   "ENHANCEDSTATUSCODES", "MT-PRIORITY MIXER", "REQUIRETLS", "ETRN", "ATRN"}) ==
          (Extensions{.pipelining = true,
                      .eight_bit_mime = true,
                      .binary_mime = true,
                      .chunking = true,
                      .smtputf8 = true,
                      .dsn = true,
                      .starttls = true,
                      .enhanced_status_codes = true,
                      .mt_priority = true,
                      .require_tls = true,
                      .etrn = true,
                      .atrn = true}));
}

// RFC 1870 §4
TEST(SmtpExtensions, size_may_tell_a_limit) {
    CHECK(offered({"SIZE 1000000"}).size == 1'000'000);
    CHECK(offered({"SIZE"}).size == 0);
    CHECK(offered({"SIZE 0"}).size == 0);
    CHECK(offered({"SIZE \t 35882577 "}).size == 35'882'577);
    CHECK(offered({"SIZE 99999999999999999999"}).size == ~std::uint64_t{0});
    CHECK(offered({"SIZE lots"}).size == 0);
    CHECK_FALSE(offered({"SIZES 5"}).size.has_value());
}

// RFC 4954 §3
TEST(SmtpExtensions, auth_lists_mechanisms) {
    has_mechanisms({"AUTH PLAIN login SCRAM-SHA-256"}, {"PLAIN", "LOGIN", "SCRAM-SHA-256"});
    has_mechanisms({"AUTH"}, {});
    has_mechanisms({"AUTH PLAIN b@d ABCDEFGHIJKLMNOPQRSTU LOGIN"}, {"PLAIN", "LOGIN"});
}

TEST(SmtpExtensions, auth_has_an_old_spelling) {
    has_mechanisms({"AUTH LOGIN PLAIN", "AUTH=LOGIN CRAM-MD5"}, {"LOGIN", "PLAIN", "CRAM-MD5"});
    has_mechanisms({"auth=LOGIN"}, {"LOGIN"});
}

TEST(SmtpExtensions, mechanisms_are_bounded) {
    std::string line = "AUTH";
    for (int i = 0; i < 1000; ++i) line += " X" + std::to_string(i);
    LONGS_EQUAL(auth_mechanisms_limit, offered({line}).auth.size());
}

// RFC 2852
TEST(SmtpExtensions, deliver_by_may_tell_a_minimum) {
    CHECK(offered({"DELIVERBY 120"}).deliver_by == 120s);
    CHECK(offered({"DELIVERBY 120,X"}).deliver_by == 120s);
    CHECK(offered({"DELIVERBY"}).deliver_by == 0s);
    CHECK(offered({"DELIVERBY ,X"}).deliver_by == 0s);
    CHECK(offered({"DELIVERBY 1234567890"}).deliver_by == 0s); // 1*9DIGIT
    CHECK_FALSE(offered({}).deliver_by.has_value());
}

// RFC 4865: both parameters are required, and the first one says all that is needed here.
// RFC 9422
TEST(SmtpExtensions, limits) {
    auto const both = offered({"LIMITS MAILMAX=10 RCPTMAX=100 RCPTDOMAINMAX=1"});
    CHECK(both.mail_max == 10 && both.rcpt_max == 100);
    auto const one = offered({"limits rcptmax=999999"});
    CHECK(!one.mail_max && one.rcpt_max == 999'999);
    for (std::string bad : {"", "RCPTMAX", "RCPTMAX=", "RCPTMAX=0", "RCPTMAX=1000000", "RCPTMAX=-1", "RCPTMAX:5"})
        CHECK_FALSE(offered({"LIMITS " + bad}).rcpt_max.has_value());
}

} // namespace smtp_extensions_test
