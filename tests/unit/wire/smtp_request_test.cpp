#include "message/address.h"
#include "wire/smtp_request.h"

#include <CppUTest/TestHarness.h>

#include <stdexcept>
#include <string>

namespace smtp_request_test {

using namespace postern;
using namespace postern::wire::smtp;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

// What our own server understands.
template <typename Expected> Expected read_back(std::string_view line) {
    CHECK(line.ends_with("\r\n"));
    line.remove_suffix(2);
    auto command = parse_command(line);
    if (!command) FAIL((std::string(line) + " was refused: " + command.error().text).c_str());
    auto* value = std::get_if<Expected>(&*command);
    if (value == nullptr) FAIL((std::string(line) + " is another command").c_str());
    return std::move(*value);
}

std::string path_of(message::Mailbox const& mailbox) {
    return message::smtp_mailbox(mailbox.local_part, mailbox.domain);
}

} // namespace

TEST_GROUP(SmtpRequest){};

TEST(SmtpRequest, hello) {
    STRCMP_EQUAL("EHLO bar.com\r\n", request::ehlo("bar.com").c_str());
    CHECK(read_back<Ehlo>(request::ehlo("[IPv6:2001:db8::1]")).domain == "[IPv6:2001:db8::1]");
    CHECK(read_back<Helo>(request::helo("mail.example.com")).domain == "mail.example.com");
}

TEST(SmtpRequest, commands_without_arguments) {
    read_back<StartTls>(request::starttls());
    read_back<Data>(request::data());
    read_back<Rset>(request::rset());
    read_back<Noop>(request::noop());
    read_back<Quit>(request::quit());
}

TEST(SmtpRequest, mail_writes_only_what_is_set) {
    STRCMP_EQUAL("MAIL FROM:<Smith@bar.com>\r\n", request::mail("Smith@bar.com").c_str());
    STRCMP_EQUAL("MAIL FROM:<>\r\n", request::mail("").c_str());
    STRCMP_EQUAL("MAIL FROM:<a@b> SIZE=0\r\n", request::mail("a@b", {.size = 0}).c_str());
}

TEST(SmtpRequest, mail_is_read_back) {
    auto const mail = read_back<Mail>(request::mail("j\xc3\xb6rg@example.com", {.size = 1234,
                                                                                .body = BodyType::eight_bit_mime,
                                                                                .smtputf8 = true,
                                                                                .return_content = "HDRS",
                                                                                .envelope_id = "a+2Bb"}));
    STRCMP_EQUAL("j\xc3\xb6rg@example.com", path_of(mail.reverse_path.value()).c_str());
    LONGS_EQUAL(1234, mail.size);
    CHECK(mail.body == BodyType::eight_bit_mime && mail.smtputf8);
    STRCMP_EQUAL("HDRS", mail.return_content.c_str());
    STRCMP_EQUAL("a+2Bb", mail.envelope_id.c_str());
    CHECK_FALSE(read_back<Mail>(request::mail("")).reverse_path.has_value());
    CHECK(read_back<Mail>(request::mail("a@b", {.body = BodyType::seven_bit})).body == BodyType::seven_bit);
    CHECK(read_back<Mail>(request::mail("a@b", {.body = BodyType::binary_mime})).body == BodyType::binary_mime);
}

TEST(SmtpRequest, mail_has_parameters_that_our_server_does_not_offer) {
    STRCMP_EQUAL("MAIL FROM:<a@b> MT-PRIORITY=-3 REQUIRETLS\r\n",
                 request::mail("a@b", {.priority = -3, .require_tls = true}).c_str());
    // RFC 2852
    STRCMP_EQUAL("MAIL FROM:<a@b> BY=120;R\r\n",
                 request::mail("a@b", {.deliver_by = DeliverBy{.within = 120s, .or_return = true}}).c_str());
    STRCMP_EQUAL("MAIL FROM:<a@b> BY=-1;NT\r\n",
                 request::mail("a@b", {.deliver_by = DeliverBy{.within = -1s, .trace = true}}).c_str());
}

TEST(SmtpRequest, rcpt_is_read_back) {
    STRCMP_EQUAL("RCPT TO:<Jones@foo.com>\r\n", request::rcpt("Jones@foo.com").c_str());
    auto const rcpt = read_back<Rcpt>(request::rcpt(
        "\"a> b\"@example.com", {.notify = "SUCCESS,FAILURE", .original_recipient = "rfc822;Bob+2B@Example.COM"}));
    STRCMP_EQUAL("\"a> b\"@example.com", path_of(rcpt.forward_path).c_str());
    STRCMP_EQUAL("SUCCESS,FAILURE", rcpt.notify.c_str());
    STRCMP_EQUAL("rfc822;Bob+2B@Example.COM", rcpt.original_recipient.c_str());
}

TEST(SmtpRequest, bdat_is_read_back) {
    STRCMP_EQUAL("BDAT 86 LAST\r\n", request::bdat(86, true).c_str());
    auto const chunk = read_back<Bdat>(request::bdat(1'000'000, false));
    CHECK(chunk.size == 1'000'000 && !chunk.last);
}

TEST(SmtpRequest, etrn) { STRCMP_EQUAL("ETRN @example.com\r\n", request::etrn("@example.com").c_str()); }
TEST(SmtpRequest, atrn) {
    STRCMP_EQUAL("ATRN example.org,example.com\r\n", request::atrn("example.org,example.com").c_str()); // RFC 2645 §6
}

TEST(SmtpRequest, nothing_puts_a_second_command_on_the_line) {
    for (std::string const& evil : {"a\r\nQUIT"s, "a\nQUIT"s, "a\rQUIT"s, "a\0b"s, "a\x7f"s}) {
        CHECK_THROWS(std::invalid_argument, (void)request::ehlo(evil));
        CHECK_THROWS(std::invalid_argument, (void)request::helo(evil));
        CHECK_THROWS(std::invalid_argument, (void)request::mail(evil));
        CHECK_THROWS(std::invalid_argument, (void)request::mail("a@b", {.return_content = evil}));
        CHECK_THROWS(std::invalid_argument, (void)request::mail("a@b", {.envelope_id = evil}));
        CHECK_THROWS(std::invalid_argument, (void)request::rcpt(evil));
        CHECK_THROWS(std::invalid_argument, (void)request::rcpt("a@b", {.notify = evil}));
        CHECK_THROWS(std::invalid_argument, (void)request::rcpt("a@b", {.original_recipient = evil}));
        CHECK_THROWS(std::invalid_argument, (void)request::etrn(evil));
        CHECK_THROWS(std::invalid_argument, (void)request::atrn(evil));
    }
}

TEST(SmtpRequest, nothing_puts_a_second_parameter_into_one) {
    CHECK_THROWS(std::invalid_argument, (void)request::mail("a@b", {.envelope_id = "x SIZE=1"}));
    CHECK_THROWS(std::invalid_argument, (void)request::rcpt("a@b", {.notify = "NEVER X"}));
}

} // namespace smtp_request_test
