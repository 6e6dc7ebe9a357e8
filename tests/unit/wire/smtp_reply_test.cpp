#include "wire/smtp_reply.h"

#include <CppUTest/TestHarness.h>

namespace smtp_reply_test {

using namespace postern::wire::smtp;

TEST_GROUP(SmtpReply){};

TEST(SmtpReply, one_line) { STRCMP_EQUAL("250 2.1.0 Ok\r\n", format({250, "2.1.0", "Ok"}).c_str()); }

TEST(SmtpReply, several_lines_each_with_code_and_enhanced_code) {
    STRCMP_EQUAL("214-2.0.0 one\r\n214-2.0.0 two\r\n214 2.0.0 three\r\n",
                 format({214, "2.0.0", "one\ntwo\nthree"}).c_str());
}

// RFC 2034 §4
TEST(SmtpReply, the_answer_to_ehlo_has_no_enhanced_code) {
    STRCMP_EQUAL("250-mail.office.lan\r\n250 HELP\r\n", format({250, "", "mail.office.lan\nHELP"}).c_str());
}

TEST(SmtpReply, no_line_is_longer_than_the_protocol_allows) {
    auto const reply = format({500, "5.5.2", std::string(600, 'x') + "\n" + std::string(600, 'y')});
    LONGS_EQUAL(2 * reply_line_limit, reply.size());
    CHECK(reply.ends_with("y\r\n"));
}

} // namespace smtp_reply_test
