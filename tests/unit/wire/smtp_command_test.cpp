#include "wire/smtp_command.h"

#include <CppUTest/TestHarness.h>

#include <chrono>
#include <string>

namespace smtp_command_test {

using namespace postern;
using namespace std::chrono_literals;
using namespace postern::wire::smtp;

namespace {

template <typename Expected> Expected parsed(std::string_view line) {
    auto command = parse_command(line);
    if (!command) FAIL((std::string(line) + " was refused: " + command.error().text).c_str());
    auto* value = std::get_if<Expected>(&*command);
    if (value == nullptr) FAIL((std::string(line) + " is another command").c_str());
    return std::move(*value);
}

void refused(std::string_view line, unsigned code, std::string_view enhanced) {
    auto const command = parse_command(line);
    if (command) FAIL((std::string(line) + " was taken").c_str());
    std::string const expected = std::to_string(code) + " " + std::string(enhanced);
    std::string const actual = std::to_string(command.error().code) + " " + std::string(command.error().enhanced);
    STRCMP_EQUAL_TEXT(expected.c_str(), actual.c_str(), std::string(line).c_str());
}

std::string address(message::Mailbox const& mailbox) {
    return message::smtp_mailbox(mailbox.local_part, mailbox.domain);
}

void sender(std::string_view line, char const* expected) {
    STRCMP_EQUAL(expected, address(parsed<Mail>(line).reverse_path.value()).c_str());
}

void recipient(std::string_view line, char const* expected) {
    STRCMP_EQUAL(expected, address(parsed<Rcpt>(line).forward_path).c_str());
}

} // namespace

TEST_GROUP(SmtpCommand){};

TEST(SmtpCommand, verbs_have_no_case) {
    parsed<Quit>("QUIT");
    parsed<Quit>("quit");
    parsed<Data>("dAtA");
}

// RFC 6710 §4: priority-value = (["-"] NZDIGIT) / "0"
TEST(SmtpCommand, mt_priority_is_a_digit_with_a_sign_or_none) {
    auto const priority = [](std::string_view value) {
        return parsed<Mail>("MAIL FROM:<a@example.com> MT-PRIORITY=" + std::string(value)).priority;
    };
    LONGS_EQUAL(-6, priority("-6").value());
    LONGS_EQUAL(9, priority("9").value());
    LONGS_EQUAL(0, priority("0").value());
    CHECK_FALSE(parsed<Mail>("MAIL FROM:<a@example.com>").priority.has_value());
    for (auto const* bad : {"-0", "+3", "10", "-10", "-", "x", "3 MT-PRIORITY=3"})
        refused(std::string("MAIL FROM:<a@example.com> MT-PRIORITY=") + bad, 501, "5.5.4");
    refused("MAIL FROM:<a@example.com> MT-PRIORITY", 501, "5.5.4");
}

// RFC 2852 §4, with its own example.
TEST(SmtpCommand, by_has_a_time_a_mode_and_maybe_a_trace) {
    auto const wish = [](std::string_view value) {
        return parsed<Mail>("MAIL FROM:<eljefe@bigbiz.com> BY=" + std::string(value)).deliver_by.value();
    };
    CHECK(wish("125;N").within == 125s && !wish("125;N").or_return && !wish("125;N").trace);
    CHECK(wish("+125;r").within == 125s && wish("+125;r").or_return);
    CHECK(wish("999999999;RT").within == 999999999s && wish("999999999;RT").trace);
    CHECK(wish("-30;NT").within == -30s && wish("0;n").within == 0s);
    for (auto const* bad : {"125", "125;", "125;X", "125;RN", "125;TR", ";R", "1234567890;R", "-;N", "+-1;N", "1.5;R"})
        refused(std::string("MAIL FROM:<a@example.com> BY=") + bad, 501, "5.5.4");
    // With "R" there is something to wait for.
    refused("MAIL FROM:<a@example.com> BY=0;R", 501, "5.5.4");
    refused("MAIL FROM:<a@example.com> BY=-1;R", 501, "5.5.4");
}

// RFC 4865 §4
TEST(SmtpCommand, a_message_is_held_for_a_time_or_until_one) {
    auto const release = [](std::string_view parameter) {
        return parsed<Mail>("MAIL FROM:<a@example.com> " + std::string(parameter)).future_release.value();
    };
    CHECK(release("HOLDFOR=86400") == FutureRelease(86400s));
    CHECK(release("holdfor=0") == FutureRelease(0s));
    std::chrono::sys_seconds const noon = std::chrono::sys_days(2026y / 12 / 1) + 12h;
    CHECK(release("HOLDUNTIL=2026-12-01T12:00:00Z") == FutureRelease(noon));
    CHECK(release("HOLDUNTIL=2026-12-01t13:00:00.25+01:00") == FutureRelease(noon));
    CHECK(release("HOLDUNTIL=2026-12-01T06:30:00-05:30") == FutureRelease(noon));
    for (auto const* bad :
         {"HOLDFOR=", "HOLDFOR=-1", "HOLDFOR=1234567890", "HOLDUNTIL=2026-12-01", "HOLDFOR=1 HOLDFOR=1",
          "HOLDUNTIL=2026-12-01T12:00:00", "HOLDUNTIL=2026-13-01T12:00:00Z", "HOLDUNTIL=2026-12-01T24:00:00Z",
          "HOLDUNTIL=2026-12-01T12:00:00.Z", "HOLDFOR=60 HOLDUNTIL=2026-12-01T12:00:00Z"})
        refused(std::string("MAIL FROM:<a@example.com> ") + bad, 501, "5.5.4");
}

// RFC 5321 §4.1.1
TEST(SmtpCommand, white_space_before_the_line_end_is_tolerated) {
    parsed<Quit>("QUIT ");
    parsed<Data>("DATA \t ");
    sender("MAIL FROM:<a@example.com> ", "a@example.com");
}

TEST(SmtpCommand, unknown_verbs_are_500) {
    refused("", 500, "5.5.1");
    refused(" ", 500, "5.5.1");
    refused("SAML FROM:<a@example.com>", 500, "5.5.1");
    refused(" QUIT", 500, "5.5.1");
    refused("GET / HTTP/1.1", 500, "5.5.1");
    refused("MAILFROM:<a@example.com>", 500, "5.5.1");
}

TEST(SmtpCommand, commands_without_arguments_refuse_one) {
    refused("DATA now", 501, "5.5.4");
    refused("RSET now", 501, "5.5.4");
    refused("QUIT now", 501, "5.5.4");
    refused("STARTTLS now", 501, "5.5.4"); // RFC 3207 §4
}

TEST(SmtpCommand, noop_and_help_take_words_or_none) {
    parsed<Noop>("NOOP");
    parsed<Noop>("NOOP anything at all");
    parsed<Help>("HELP");
    parsed<Help>("HELP MAIL");
}

TEST(SmtpCommand, vrfy_and_expn_need_an_argument) {
    parsed<Vrfy>("VRFY Smith");
    parsed<Expn>("EXPN Example-People");
    refused("VRFY", 501, "5.5.4");
    refused("EXPN", 501, "5.5.4");
}

TEST(SmtpCommand, hello_takes_what_devices_call_themselves) {
    for (std::string name :
         {"bar.com", "[192.0.2.1]", "[IPv6:2001:db8::1]", "192.0.2.1", "HP_LaserJet-3", "localhost"}) {
        STRCMP_EQUAL(name.c_str(), parsed<Ehlo>("EHLO " + name).domain.c_str());
        STRCMP_EQUAL(name.c_str(), parsed<Helo>("HELO " + name).domain.c_str());
    }
}

TEST(SmtpCommand, hello_refuses_what_could_not_stand_in_a_received_line) {
    refused("EHLO", 501, "5.5.4");
    refused("HELO", 501, "5.5.4");
    refused("EHLO two words", 501, "5.5.4");
    refused("EHLO a(b)", 501, "5.5.4");
    refused("EHLO a;b", 501, "5.5.4");
    refused("EHLO b\xc3\xbc"
            "ro",
            501, "5.5.4");
    refused("EHLO " + std::string(256, 'a'), 501, "5.5.4");
}

TEST(SmtpCommand, reverse_paths) {
    sender("MAIL FROM:<Smith@bar.com>", "Smith@bar.com"); // RFC 5321 Appendix D.1
    sender("mail from:<a@b>", "a@b");
    sender("MAIL FROM: <a@b.example>", "a@b.example"); // old devices
    sender("MAIL FROM:<\"Joe User\"@example.com>", "\"Joe User\"@example.com");
    sender("MAIL FROM:<\"a>b\"@example.com>", "\"a>b\"@example.com");
    sender("MAIL FROM:<\"a\\\"> b\"@example.com> SIZE=5", "\"a\\\"> b\"@example.com");
    sender("MAIL FROM:<user@[192.0.2.1]>", "user@[192.0.2.1]");
    sender("MAIL FROM:<user@[IPv6:2001:db8::1]>", "user@[IPv6:2001:db8::1]");
}

TEST(SmtpCommand, null_reverse_path) {
    CHECK_FALSE(parsed<Mail>("MAIL FROM:<>").reverse_path.has_value());
    CHECK_FALSE(parsed<Mail>("MAIL FROM:<> SIZE=12").reverse_path.has_value());
}

// RFC 5321 §4.1.2, Appendix D.3 and F.2
TEST(SmtpCommand, source_routes_are_ignored) {
    recipient("RCPT TO:<@hosta.int,@jkl.org:userc@d.bar.org>", "userc@d.bar.org");
    sender("MAIL FROM:<@hosta.int:a@b.example>", "a@b.example");
    refused("RCPT TO:<@hosta.int>", 501, "5.1.3");
    refused("RCPT TO:<@hosta.int:>", 501, "5.1.3");
    refused("RCPT TO:<@ho sta:a@b>", 501, "5.1.3");
}

// RFC 5321 §4.1.1.3
TEST(SmtpCommand, postmaster_needs_no_domain) {
    auto const rcpt = parsed<Rcpt>("RCPT TO:<PostMaster> NOTIFY=NEVER");
    STRCMP_EQUAL("PostMaster", rcpt.forward_path.local_part.c_str());
    STRCMP_EQUAL("", rcpt.forward_path.domain.c_str());
    refused("RCPT TO:<alice>", 501, "5.1.3");
    refused("MAIL FROM:<postmaster>", 501, "5.1.7");
}

TEST(SmtpCommand, bad_paths_are_501) {
    refused("MAIL", 501, "5.5.4");
    refused("MAIL TO:<a@b>", 501, "5.5.4");
    refused("MAIL FROM", 501, "5.5.4");
    refused("MAIL FROM:", 501, "5.1.7");
    refused("MAIL FROM:a@b.example", 501, "5.1.7");
    refused("MAIL FROM:<a@b.example", 501, "5.1.7");
    refused("MAIL FROM:<\"a@b.example>", 501, "5.1.7");
    refused("MAIL FROM:<\"a\\", 501, "5.1.7");
    refused("MAIL FROM:<a@b.example>SIZE=5", 501, "5.1.7");
    refused("MAIL FROM:<a@b@c>", 501, "5.1.7");
    refused("MAIL FROM:<a b@c.example>", 501, "5.1.7");
    refused("MAIL FROM:<@>", 501, "5.1.7");
    refused("MAIL FROM:<a@[999.0.0.1]>", 501, "5.1.7");
    refused("RCPT", 501, "5.5.4");
    refused("RCPT TO:<>", 501, "5.1.3");
    refused("RCPT TO:<a@b\x01.example>", 501, "5.1.3");
}

// RFC 5321 §4.5.3.1
TEST(SmtpCommand, paths_have_limits) {
    std::string const label(60, 'd');
    std::string const long_domain = label + "." + label + "." + label;
    recipient("RCPT TO:<" + std::string(64, 'l') + "@example.com>", (std::string(64, 'l') + "@example.com").c_str());
    refused("RCPT TO:<" + std::string(65, 'l') + "@example.com>", 501, "5.1.3");
    refused("RCPT TO:<" + std::string(64, 'l') + "@" + long_domain + "." + label + ">", 501, "5.1.3");
    parsed<Rcpt>("RCPT TO:<" + std::string(64, 'l') + "@" + long_domain + ">");
}

// RFC 1870 §6.1
TEST(SmtpCommand, size_is_a_number) {
    LONGS_EQUAL(0, parsed<Mail>("MAIL FROM:<a@b>").size);
    LONGS_EQUAL(1000000, parsed<Mail>("MAIL FROM:<a@b> SIZE=1000000").size);
    CHECK(parsed<Mail>("MAIL FROM:<a@b> size=99999999999999999999").size == ~std::uint64_t{0});
    refused("MAIL FROM:<a@b> SIZE", 501, "5.5.4");
    refused("MAIL FROM:<a@b> SIZE=", 501, "5.5.4");
    refused("MAIL FROM:<a@b> SIZE=-1", 501, "5.5.4");
    refused("MAIL FROM:<a@b> SIZE=12K", 501, "5.5.4");
    refused("MAIL FROM:<a@b> SIZE=100000000000000000000", 501, "5.5.4");
}

TEST(SmtpCommand, body_types) {
    CHECK(parsed<Mail>("MAIL FROM:<a@b>").body == BodyType::seven_bit);
    CHECK(parsed<Mail>("MAIL FROM:<a@b> BODY=7bit").body == BodyType::seven_bit);
    CHECK(parsed<Mail>("MAIL FROM:<a@b> BODY=8BITMIME").body == BodyType::eight_bit_mime);
    CHECK(parsed<Mail>("MAIL FROM:<a@b> BODY=BINARYMIME").body == BodyType::binary_mime);
    refused("MAIL FROM:<a@b> BODY=16BIT", 501, "5.5.4");
    refused("MAIL FROM:<a@b> BODY", 501, "5.5.4");
}

// RFC 3461 §4.3, §4.4, and its example of §10
TEST(SmtpCommand, dsn_parameters_of_mail) {
    auto const mail = parsed<Mail>("MAIL FROM:<Alice@Example.ORG> RET=HDRS ENVID=QQ314159");
    STRCMP_EQUAL("HDRS", mail.return_content.c_str());
    STRCMP_EQUAL("QQ314159", mail.envelope_id.c_str());
    STRCMP_EQUAL("FULL", parsed<Mail>("MAIL FROM:<> RET=full").return_content.c_str());
    refused("MAIL FROM:<> RET=SOME", 501, "5.5.4");
    refused("MAIL FROM:<> ENVID", 501, "5.5.4");
    refused("MAIL FROM:<> ENVID=a+1", 501, "5.5.4");
    refused("MAIL FROM:<> ENVID=a+1g", 501, "5.5.4");
    parsed<Mail>("MAIL FROM:<> ENVID=a+2Bb");
    parsed<Mail>("MAIL FROM:<> ENVID=" + std::string(100, 'e'));
    refused("MAIL FROM:<> ENVID=" + std::string(101, 'e'), 501, "5.5.4");
}

// RFC 3461 §4.1, §4.2, and its example of §10
TEST(SmtpCommand, dsn_parameters_of_rcpt) {
    auto const rcpt = parsed<Rcpt>("RCPT TO:<Bob@Example.COM> NOTIFY=success,FAILURE ORCPT=rfc822;Bob+2B@Example.COM");
    STRCMP_EQUAL("SUCCESS,FAILURE", rcpt.notify.c_str());
    STRCMP_EQUAL("rfc822;Bob+2B@Example.COM", rcpt.original_recipient.c_str());
    parsed<Rcpt>("RCPT TO:<a@b> NOTIFY=DELAY,SUCCESS,FAILURE");
    parsed<Rcpt>("RCPT TO:<a@b> ORCPT=utf-8;b\xc3\xbc"
                 "b@example.com");
    for (std::string bad :
         {"NOTIFY", "NOTIFY=", "NOTIFY=NEVER,DELAY", "NOTIFY=DELAY,DELAY", "NOTIFY=DELAY,", "NOTIFY=X", "ORCPT",
          "ORCPT=", "ORCPT=rfc822", "ORCPT=;a@b", "ORCPT=rfc822;", "ORCPT=rfc822;a+b@c",
          "ORCPT=rfc822;b\xc3\xbc"
          "b@example.com",
          "ORCPT=utf-8;b\xc3@example.com"})
        refused("RCPT TO:<a@b> " + bad, 501, "5.5.4");
    refused("RCPT TO:<a@b> ORCPT=rfc822;" + std::string(500, 'a'), 501, "5.5.4");
}

// RFC 5321 §4.1.1.11
TEST(SmtpCommand, unknown_parameters_are_555) {
    refused("MAIL FROM:<a@b> X-COLOUR=red", 555, "5.5.4");
    refused("MAIL FROM:<a@b> SIZE=1 X", 555, "5.5.4");
    refused("RCPT TO:<a@b> SIZE=1", 555, "5.5.4");
    refused("MAIL FROM:<a@b> NOTIFY=NEVER", 555, "5.5.4");
}

TEST(SmtpCommand, malformed_and_repeated_parameters_are_501) {
    refused("MAIL FROM:<a@b> =5", 501, "5.5.4");
    refused("MAIL FROM:<a@b> -SIZE=5", 501, "5.5.4");
    refused("MAIL FROM:<a@b> SI/ZE=5", 501, "5.5.4");
    refused("MAIL FROM:<a@b> SIZE=1 SIZE=1", 501, "5.5.4");
    refused("MAIL FROM:<a@b> ENVID=a=b", 501, "5.5.4");
    refused("MAIL FROM:<a@b> ENVID=a\x01", 501, "5.5.4");
    refused("MAIL FROM:<a@b> SMTPUTF8=yes", 501, "5.5.4");
}

// RFC 6531 §3.4, §3.5
TEST(SmtpCommand, addresses_beyond_ascii_need_smtputf8) {
    refused("MAIL FROM:<j\xc3\xb6rg@example.com>", 553, "5.6.7");
    refused("MAIL FROM:<a@ex\xc3\xa4mple.com>", 553, "5.6.7");
    sender("MAIL FROM:<j\xc3\xb6rg@example.com> SMTPUTF8", "j\xc3\xb6rg@example.com");
    CHECK(parsed<Mail>("MAIL FROM:<a@b> SMTPUTF8").smtputf8);
    recipient("RCPT TO:<j\xc3\xb6rg@example.com>", "j\xc3\xb6rg@example.com"); // the session knows about SMTPUTF8
    refused("RCPT TO:<j\xc3rg@example.com>", 501, "5.1.3");
}

// RFC 4954 §5
TEST(SmtpCommand, mail_takes_an_auth_parameter) {
    parsed<Mail>("MAIL FROM:<e=mc2@example.com> AUTH=e+3Dmc2@example.com");
    parsed<Mail>("MAIL FROM:<a@b> AUTH=<>");
    refused("MAIL FROM:<a@b> AUTH", 501, "5.5.4");
    refused("MAIL FROM:<a@b> AUTH=a+3", 501, "5.5.4");
}

// RFC 3030 §2
TEST(SmtpCommand, bdat) {
    auto const chunk = parsed<Bdat>("BDAT 1000");
    LONGS_EQUAL(1000, chunk.size);
    CHECK_FALSE(chunk.last);
    CHECK(parsed<Bdat>("BDAT 0 last").last);
    // What follows could be anything: no command may be read out of it.
    for (std::string bad : {"BDAT", "BDAT LAST", "BDAT x", "BDAT 10 FIRST", "BDAT -1", "BDAT 10LAST"})
        refused(bad, 421, "4.5.4");
}

// RFC 4954 §4
TEST(SmtpCommand, auth) {
    auto const plain = parsed<Auth>("AUTH plain dGVzdAB0ZXN0ADEyMzQ="); // RFC 4954 §4.1
    STRCMP_EQUAL("PLAIN", plain.mechanism.c_str());
    CHECK(plain.initial_response == std::string("test\0test\0001234", 14));
    CHECK_FALSE(parsed<Auth>("AUTH SCRAM-SHA-256").initial_response.has_value());
    CHECK(parsed<Auth>("AUTH EXTERNAL =").initial_response == "");
    refused("AUTH", 501, "5.5.4");
    refused("AUTH PLAIN;X", 501, "5.5.4");
    refused("AUTH " + std::string(21, 'X'), 501, "5.5.4");
    refused("AUTH PLAIN not*base64", 501, "5.5.2");
    refused("AUTH PLAIN dGVzdA", 501, "5.5.2");
    refused("AUTH PLAIN dGVzdA== dGVzdA==", 501, "5.5.2");
}

// RFC 1985 §5
TEST(SmtpCommand, etrn) {
    auto const plain = parsed<Etrn>("ETRN Mail.Branch.example");
    STRCMP_EQUAL("mail.branch.example", plain.node.c_str());
    CHECK(plain.scope == Etrn::Scope::domain);
    CHECK(parsed<Etrn>("etrn @branch.example").scope == Etrn::Scope::subdomains);
    STRCMP_EQUAL("branch.example", parsed<Etrn>("ETRN @branch.example.").node.c_str());
    CHECK(parsed<Etrn>("ETRN #Uucp").scope == Etrn::Scope::queue);
    STRCMP_EQUAL("Uucp", parsed<Etrn>("ETRN #Uucp").node.c_str());
    for (std::string bad :
         {"ETRN", "ETRN @", "ETRN #", "ETRN # x", "ETRN a b", "ETRN @@a", "ETRN [192.0.2.1]", "ETRN a..b", "ETRN .a",
          "ETRN b\xc3\xbc"
          "cher.example"})
        refused(bad, 501, "5.5.4");
    refused("ETRN " + std::string(300, 'x'), 501, "5.5.4");
}

} // namespace smtp_command_test
