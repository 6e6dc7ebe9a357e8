// Whole conversations on port 25 and on the submission ports: which command may come when, and what it is answered.
#include "client.h"
#include "core/log.h"
#include "smtp/session.h"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::test;

namespace {

void answers(SmtpClient& client, std::string_view line, std::string_view start) {
    auto const reply = client.ask(line);
    if (!reply.starts_with(start))
        FAIL((std::string(line) + "\nexpected " + std::string(start) + "\nanswered " + reply).c_str());
}

void says(std::string const& reply, std::string_view start) {
    if (!reply.starts_with(start)) FAIL(("expected " + std::string(start) + "\nsaid " + reply).c_str());
}

} // namespace

TEST_GROUP(SmtpSession) { OfficeFixture fixture; };

TEST(SmtpSession, greets_and_says_goodbye) {
    SmtpClient client(fixture);
    STRCMP_EQUAL("220 mail.office.lan ESMTP Postern", client.reply().c_str());
    STRCMP_EQUAL("221 2.0.0 Goodbye", client.ask("QUIT").c_str());
    STRCMP_EQUAL("closed", client.reply().c_str());
}

TEST(SmtpSession, ehlo_lists_the_extensions) {
    SmtpClient client(fixture);
    client.reply();
    STRCMP_EQUAL("250-mail.office.lan\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250-BINARYMIME\r\n"
                 "250-CHUNKING\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250-DSN\r\n250-DELIVERBY\r\n250 HELP",
                 client.ask("EHLO client.example").c_str());
    STRCMP_EQUAL("250 mail.office.lan", client.ask("HELO client.example").c_str());
}

TEST(SmtpSession, hello_must_name_somebody) {
    SmtpClient client(fixture);
    client.reply();
    answers(client, "EHLO", "501 5.5.4");
    answers(client, "HELO", "501 5.5.4");
    answers(client, "MAIL FROM:<a@b.example>", "503 5.5.1");
}

TEST(SmtpSession, commands_have_their_order) {
    SmtpClient client(fixture);
    client.reply();
    answers(client, "MAIL FROM:<carol@example.com>", "503 5.5.1");
    answers(client, "RCPT TO:<alice@office.lan>", "503 5.5.1");
    answers(client, "DATA", "503 5.5.1");
    answers(client, "EHLO client.example", "250-");
    answers(client, "RCPT TO:<alice@office.lan>", "503 5.5.1");
    answers(client, "DATA", "503 5.5.1");
    answers(client, "MAIL FROM:<carol@example.com>", "250 2.1.0");
    answers(client, "MAIL FROM:<carol@example.com>", "503 5.5.1");
    answers(client, "DATA", "554 5.5.1"); // RFC 5321 §3.3
    answers(client, "RCPT TO:<alice@office.lan>", "250 2.1.5");
    answers(client, "DATA", "354");
    answers(client, "Subject: x\r\n\r\nbody\r\n.", "250 2.0.0 Ok: queued as ");
    answers(client, "DATA", "503 5.5.1");
}

TEST(SmtpSession, rset_and_ehlo_end_a_transaction) {
    SmtpClient client(fixture);
    client.greet();
    for (std::string reset : {"RSET", "EHLO client.example", "HELO client.example"}) {
        answers(client, "MAIL FROM:<carol@example.com>", "250 2.1.0");
        answers(client, "RCPT TO:<alice@office.lan>", "250 2.1.5");
        answers(client, reset, "250");
        answers(client, "RCPT TO:<alice@office.lan>", "503 5.5.1");
    }
}

TEST(SmtpSession, noop_vrfy_expn_and_help_do_not_touch_a_transaction) {
    SmtpClient client(fixture);
    client.reply();
    answers(client, "NOOP", "250 2.0.0");
    answers(client, "HELP", "214 2.0.0 Commands: HELO EHLO MAIL");
    client.ask("EHLO client.example");
    answers(client, "MAIL FROM:<carol@example.com>", "250");
    answers(client, "VRFY alice", "252 2.0.0");
    answers(client, "EXPN staff", "502 5.5.1");
    answers(client, "NOOP x", "250 2.0.0");
    answers(client, "RCPT TO:<alice@office.lan>", "250 2.1.5");
}

TEST(SmtpSession, syntax_errors_are_answered_and_the_session_goes_on) {
    SmtpClient client(fixture);
    client.greet();
    answers(client, "", "500 5.5.1");
    answers(client, "XYZZY", "500 5.5.1");
    answers(client, "MAIL FROM:carol@example.com", "501 5.1.7");
    answers(client, "MAIL FROM:<carol@example.com> FOO=1", "555 5.5.4");
    answers(client, "NOOP \x01\r", "500 5.5.2");
    answers(client, std::string(4097, 'x'), "500 5.5.2");
    client.send("NOOP\nRSET\r\n");
    says(client.reply(), "500 5.5.2");
    client.send(std::string_view("NO\0OP\r\n", 7));
    says(client.reply(), "500 5.5.2");
    answers(client, "MAIL FROM:<carol@example.com>", "250 2.1.0");
}

TEST(SmtpSession, a_pipeline_is_answered_in_order) {
    SmtpClient client(fixture);
    client.greet();
    client.send("MAIL FROM:<carol@example.com>\r\nRCPT TO:<alice@office.lan>\r\nRCPT TO:<nobody@office.lan>\r\n"
                "RCPT TO:<bob@office.lan>\r\nXYZZY\r\nDATA\r\n");
    says(client.reply(), "250 2.1.0");
    says(client.reply(), "250 2.1.5");
    says(client.reply(), "550 5.1.1");
    says(client.reply(), "250 2.1.5");
    says(client.reply(), "500 5.5.1");
    says(client.reply(), "354");
    client.send("Subject: x\r\n\r\nbody\r\n.\r\nMAIL FROM:<>\r\nNOOP\r\n");
    says(client.reply(), "250 2.0.0");
    says(client.reply(), "250 2.1.0");
    says(client.reply(), "250 2.0.0");
    LONGS_EQUAL(1, inbox(fixture, fixture.alice).size());
    LONGS_EQUAL(1, inbox(fixture, fixture.bob).size());
}

TEST(SmtpSession, a_pipeline_whose_recipients_all_fail_sends_nothing) {
    SmtpClient client(fixture);
    client.greet();
    client.send("MAIL FROM:<carol@example.com>\r\nRCPT TO:<nobody@office.lan>\r\nDATA\r\nRSET\r\nNOOP\r\n");
    says(client.reply(), "250 2.1.0");
    says(client.reply(), "550 5.1.1");
    says(client.reply(), "554 5.5.1");
    says(client.reply(), "250 2.0.0");
    says(client.reply(), "250 2.0.0");
}

TEST(SmtpSession, octet_by_octet_gives_the_same_as_at_once) {
    SmtpClient client(fixture);
    client.stream().set_read_size(1);
    client.greet();
    client.send(
        "MAIL FROM:<carol@example.com>\r\nRCPT TO:<alice@office.lan>\r\nDATA\r\nSubject: x\r\n\r\n..\r\n.\r\nQUIT\r\n");
    says(client.reply(), "250 2.1.0");
    says(client.reply(), "250 2.1.5");
    says(client.reply(), "354");
    says(client.reply(), "250 2.0.0");
    says(client.reply(), "221");
    CHECK(inbox(fixture, fixture.alice).at(0).ends_with("Subject: x\r\n\r\n.\r\n"));
}

// Port 25: who may bring mail, and for whom.

TEST(SmtpSession, strangers_are_refused_at_the_door) {
    SmtpClient client(fixture, smtp::Role::exchange, "198.51.100.7");
    says(client.reply(), "554 ");
    answers(client, "EHLO stranger.example", "503 5.7.1");
    answers(client, "MAIL FROM:<a@b.example>", "503 5.7.1");
    answers(client, "QUIT", "221");
}

TEST(SmtpSession, strangers_may_be_let_in) {
    fixture.set("smtp.accept_from", "private, 198.51.100.0/24").value();
    SmtpClient listed(fixture, smtp::Role::exchange, "198.51.100.7");
    says(listed.reply(), "220");
    SmtpClient unlisted(fixture, smtp::Role::exchange, "203.0.113.1");
    says(unlisted.reply(), "554");
    fixture.set("smtp.accept_from", "any").value();
    SmtpClient anybody(fixture, smtp::Role::exchange, "203.0.113.1");
    says(anybody.reply(), "220");
    SmtpClient submission(fixture, smtp::Role::submission, "203.0.113.1");
    says(submission.reply(), "220");
}

TEST(SmtpSession, never_relays_for_who_did_not_log_in) {
    SmtpClient client(fixture);
    client.greet();
    client.ask("MAIL FROM:<alice@office.lan>");
    answers(client, "RCPT TO:<carol@example.com>", "550 5.7.1");
    answers(client, "RCPT TO:<carol%example.com@office.lan>", "550 5.1.1");
    answers(client, "RCPT TO:<\"carol@example.com\"@office.lan>", "550 5.1.1");
    answers(client, "RCPT TO:<@office.lan:carol@example.com>", "550 5.7.1");
    answers(client, "RCPT TO:<alice@office.lan.example.com>", "550 5.7.1");
    answers(client, "RCPT TO:<alice@[192.168.1.2]>", "550 5.7.1");
}

TEST(SmtpSession, there_is_no_auth_on_port_25) {
    fixture.set("login.allow_plaintext", "yes").value();
    SmtpClient client(fixture);
    client.reply();
    CHECK_FALSE(client.ask("EHLO client.example").contains("AUTH"));
    answers(client, "AUTH PLAIN AGFsaWNlAHNlY3JldC1hbGljZQ==", "502 5.5.1");
}

TEST(SmtpSession, recipients_are_found_in_every_spelling) {
    SmtpClient client(fixture);
    client.greet();
    client.ask("MAIL FROM:<carol@example.com>");
    answers(client, "RCPT TO:<alice@office.lan>", "250 2.1.5");
    answers(client, "RCPT TO:<ALICE@Office.LAN>", "250 2.1.5");
    answers(client, "RCPT TO:<alice+news@office.lan>", "250 2.1.5");
    answers(client, "RCPT TO:<\"alice\"@office.lan>", "250 2.1.5");
    answers(client, "RCPT TO:<Postmaster>", "250 2.1.5");
    answers(client, "RCPT TO:<abuse@office.lan>", "250 2.1.5");
    answers(client, "RCPT TO:<alice@[192.168.1.1]>", "250 2.1.5"); // our own address
    answers(client, "RCPT TO:<nobody@office.lan>", "550 5.1.1");
    answers(client, "RCPT TO:<+news@office.lan>", "550 5.1.1");
    client.ask("DATA");
    answers(client, "Subject: once\r\n\r\n.", "250 2.0.0");
    LONGS_EQUAL(1, inbox(fixture, fixture.alice).size()); // once, whatever the number of her addresses
}

TEST(SmtpSession, an_alias_may_lead_outside) {
    set_alias(fixture, "sales@office.lan", {"bob@office.lan", "partner@example.org"});
    SmtpClient client(fixture);
    client.greet();
    client.ask("MAIL FROM:<carol@example.com> RET=HDRS ENVID=Q1");
    answers(client, "RCPT TO:<sales@office.lan> NOTIFY=NEVER ORCPT=rfc822;sales@office.lan", "250 2.1.5");
    client.ask("DATA");
    answers(client, "Subject: x\r\n\r\n.", "250 2.0.0");
    LONGS_EQUAL(1, inbox(fixture, fixture.bob).size());
    auto const item = queue(fixture).at(0);
    STRCMP_EQUAL("partner@example.org", item.recipient.c_str());
    STRCMP_EQUAL("carol@example.com", item.reverse_path.c_str());
    LONGS_EQUAL(0, core::number(item.owner));
    STRCMP_EQUAL("HDRS", item.return_content.c_str());
    STRCMP_EQUAL("Q1", item.envelope_id.c_str());
    CHECK(item.wishes == (store::DsnWishes{"NEVER", "rfc822;sales@office.lan"}));
}

TEST(SmtpSession, addresses_beyond_ascii_need_smtputf8) {
    set_alias(fixture, "j\xc3\xb6rg@office.lan", {"alice@office.lan"});
    SmtpClient client(fixture);
    client.greet();
    answers(client, "MAIL FROM:<z\xc3\xa9@example.com>", "553 5.6.7");
    client.ask("MAIL FROM:<carol@example.com>");
    answers(client, "RCPT TO:<j\xc3\xb6rg@office.lan>", "553 5.6.7");
    client.ask("RSET");
    answers(client, "MAIL FROM:<z\xc3\xa9@example.com> SMTPUTF8", "250 2.1.0");
    answers(client, "RCPT TO:<j\xc3\xb6rg@office.lan>", "250 2.1.5");
    client.ask("DATA");
    answers(client, "Subject: \xc3\xa9\r\n\r\n.", "250 2.0.0");
    auto const message = inbox(fixture, fixture.alice).at(0);
    CHECK(message.starts_with("Return-Path: <z\xc3\xa9@example.com>\r\n"));
    CHECK(message.contains(" with UTF8SMTP\r\n"));
    CHECK(message.contains("for <j\xc3\xb6rg@office.lan>"));
}

// Submission: logins and who may send as whom.

TEST(SmtpSession, submission_wants_a_login_and_a_login_wants_tls) {
    SmtpClient client(fixture, smtp::Role::submission);
    client.reply();
    CHECK_FALSE(client.ask("EHLO client.example").contains("AUTH"));
    answers(client, "MAIL FROM:<alice@office.lan>", "530 5.7.0 STARTTLS");
    answers(client, "AUTH PLAIN AGFsaWNlAHNlY3JldC1hbGljZQ==", "538 5.7.11");
    answers(client, "STARTTLS", "502 5.5.1"); // this office has no certificate
}

TEST(SmtpSession, submission_wants_a_login) {
    fixture.set("login.allow_plaintext", "yes").value();
    SmtpClient client(fixture, smtp::Role::submission);
    client.reply();
    answers(client, "AUTH PLAIN AGFsaWNlAHNlY3JldC1hbGljZQ==", "503 5.5.1");
    CHECK(client.ask("EHLO client.example").contains("250-AUTH SCRAM-SHA-256 PLAIN LOGIN\r\n"));
    answers(client, "MAIL FROM:<alice@office.lan>", "530 5.7.0 Authentication required");
    answers(client, "RCPT TO:<alice@office.lan>", "530 5.7.0");
    client.send("BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n"); // the chunk is no command
    says(client.reply(), "530 5.7.0");
    says(client.reply(), "250 2.0.0");
    answers(client, "AUTH PLAIN AGFsaWNlAHNlY3JldC1hbGljZQ==", "235 2.7.0");
    answers(client, "AUTH PLAIN AGFsaWNlAHNlY3JldC1hbGljZQ==", "503 5.5.1");
    answers(client, "MAIL FROM:<alice@office.lan>", "250 2.1.0");
}

TEST(SmtpSession, auth_says_what_is_wrong) {
    fixture.set("login.allow_plaintext", "yes").value();
    SmtpClient client(fixture, smtp::Role::submission);
    client.greet();
    answers(client, "AUTH", "501 5.5.4");
    answers(client, "AUTH CRAM-MD5", "504 5.5.4");
    answers(client, "AUTH PLAIN !!!", "501 5.5.2");
    answers(client, "AUTH PLAIN =", "501 5.5.2");
    answers(client, "AUTH PLAIN", "334 ");
    answers(client, "*", "501 5.7.0");
    answers(client, "AUTH PLAIN", "334 ");
    answers(client, "not base64", "501 5.5.2");
    answers(client, "AUTH PLAIN", "334 ");
    answers(client, std::string(12289, 'A'), "500 5.5.6");
    answers(client, "AUTH PLAIN", "334 ");
    client.send("AGFs\raWNl\r\n");
    says(client.reply(), "501 5.5.2");
    answers(client, "AUTH PLAIN " + text::base64_encode(std::string("\0alice\0wrong", 12)), "535 5.7.8");
    answers(client, "AUTH PLAIN " + text::base64_encode(std::string("\0nobody\0wrong", 13)), "535 5.7.8");
    answers(client, "AUTH LOGIN", "334 VXNlcm5hbWU6");
    answers(client, text::base64_encode("bob"), "334 UGFzc3dvcmQ6");
    answers(client, text::base64_encode("secret-bob"), "235 2.7.0");
}

TEST(SmtpSession, a_sender_address_must_belong_to_the_login) {
    fixture.set("login.allow_plaintext", "yes").value();
    set_alias(fixture, "sales@office.lan", {"bob@office.lan"});
    set_alias(fixture, "staff@office.lan", {"alice@office.lan", "bob@office.lan"});
    SmtpClient client(fixture, smtp::Role::submission);
    client.log_in("bob");
    struct {
        char const* address;
        char const* start;
    } const senders[] = {
        {"bob@office.lan", "250"},
        {"Bob+lists@OFFICE.lan", "250"},
        {"sales@office.lan", "250"},
        {"", "250"},
        {"staff@office.lan", "553 5.7.1"},
        {"alice@office.lan", "553 5.7.1"},
        {"bob@example.com", "553 5.7.1"},
        {"nobody@office.lan", "553 5.7.1"},
        {"postmaster@office.lan", "553 5.7.1"},
    };
    for (auto const& [address, start] : senders) {
        answers(client, "MAIL FROM:<" + std::string(address) + ">", start);
        client.ask("RSET");
    }
}

TEST(SmtpSession, submitted_mail_goes_in_and_out) {
    fixture.set("login.allow_plaintext", "yes").value();
    SmtpClient client(fixture, smtp::Role::submission);
    client.log_in("alice");
    client.ask("MAIL FROM:<alice@office.lan> BODY=8BITMIME");
    answers(client, "RCPT TO:<bob@office.lan>", "250 2.1.5");
    answers(client, "RCPT TO:<carol@example.com> NOTIFY=SUCCESS,FAILURE", "250 2.1.5");
    answers(client, "RCPT TO:<carol@example.com>", "250 2.1.5");
    client.ask("DATA");
    answers(client, "From: alice@office.lan\r\n\r\nh\xc3\xa9\r\n.", "250 2.0.0 Ok: queued as ");
    auto const items = queue(fixture);
    LONGS_EQUAL(1, items.size());
    STRCMP_EQUAL("carol@example.com", items[0].recipient.c_str());
    STRCMP_EQUAL("SUCCESS,FAILURE", items[0].wishes.notify.c_str());
    CHECK(items[0].owner == fixture.alice);
    CHECK(items[0].body_8bit);
    auto const message = inbox(fixture, fixture.bob).at(0);
    // RFC 6409 §8: what was missing was added.
    CHECK(message.contains("\r\nDate: Mon, 5 Jan 2026 10:00:00 +0000\r\nMessage-ID: <"));
    CHECK(message.contains("@mail.office.lan>\r\nFrom: alice@office.lan\r\n\r\nh\xc3\xa9\r\n"));
    CHECK(message.contains("by mail.office.lan with ESMTPA\r\n"));
    CHECK_FALSE(message.contains("\tfor ")); // there were two recipients
}

TEST(SmtpSession, submission_adds_only_what_is_missing) {
    fixture.set("login.allow_plaintext", "yes").value();
    SmtpClient client(fixture, smtp::Role::submission);
    client.log_in("alice");
    client.ask("MAIL FROM:<alice@office.lan>");
    client.ask("RCPT TO:<bob@office.lan>");
    client.ask("DATA");
    answers(client, "date: Thu, 1 Jan 2026 00:00:00 +0000\r\nmessage-id: <x@y>\r\n\r\n.", "250");
    auto const message = inbox(fixture, fixture.bob).at(0);
    CHECK(message.ends_with("10:00:00 +0000\r\ndate: Thu, 1 Jan 2026 00:00:00 +0000\r\nmessage-id: <x@y>\r\n\r\n"));
    CHECK_FALSE(message.contains("Message-ID:"));
}

// What a message looks like when it is delivered.

TEST(SmtpSession, a_delivered_message_says_how_it_came) {
    SmtpClient client(fixture);
    client.greet();
    client.ask("MAIL FROM:<carol@example.com>");
    client.ask("RCPT TO:<alice@office.lan>");
    client.ask("DATA");
    auto const reply = client.ask("Subject: x\r\n\r\nbody\r\n.");
    auto const id = reply.substr(reply.rfind(' ') + 1);
    STRCMP_EQUAL(("Return-Path: <carol@example.com>\r\n"
                  "Received: from client.example ([192.168.1.20])\r\n"
                  "\tby mail.office.lan with ESMTP\r\n"
                  "\tid " +
                  id +
                  "\r\n"
                  "\tfor <alice@office.lan>;\r\n"
                  "\tMon, 5 Jan 2026 10:00:00 +0000\r\n"
                  "Subject: x\r\n\r\nbody\r\n")
                     .c_str(),
                 inbox(fixture, fixture.alice).at(0).c_str());
}

TEST(SmtpSession, a_message_without_header_gets_one) {
    SmtpClient client(fixture);
    client.greet();
    client.ask("MAIL FROM:<>");
    client.ask("RCPT TO:<alice@office.lan>");
    client.ask("DATA");
    answers(client, "just text\r\n.", "250");
    auto const message = inbox(fixture, fixture.alice).at(0);
    CHECK(message.starts_with("Return-Path: <>\r\nReceived: "));
    CHECK(message.ends_with("+0000\r\n\r\njust text\r\n"));
}

TEST(SmtpSession, an_empty_message_is_a_message) {
    SmtpClient client(fixture);
    client.greet();
    client.ask("MAIL FROM:<>");
    client.ask("RCPT TO:<alice@office.lan>");
    client.ask("DATA");
    answers(client, ".", "250");
    CHECK(inbox(fixture, fixture.alice).at(0).ends_with("+0000\r\n\r\n"));
}

// Line ends, sizes, loops.

TEST(SmtpSession, a_smuggled_message_is_refused_with_the_one_that_hid_it) {
    for (std::string end : {"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r\n", "\r\n.\r\r\n"}) {
        SmtpClient client(fixture);
        client.greet();
        client.ask("MAIL FROM:<carol@example.com>");
        client.ask("RCPT TO:<alice@office.lan>");
        client.ask("DATA");
        client.send(
            "Subject: x\r\n\r\nbody" + end +
            "MAIL FROM:<boss@office.lan>\r\nRCPT TO:<bob@office.lan>\r\nDATA\r\nSubject: evil\r\n\r\n.\r\nNOOP\r\n");
        says(client.reply(), "554 5.6.0");
        says(client.reply(), "250 2.0.0");
        answers(client, "DATA", "503");
    }
    LONGS_EQUAL(0, inbox(fixture, fixture.alice).size());
    LONGS_EQUAL(0, inbox(fixture, fixture.bob).size());
}

TEST(SmtpSession, a_message_beyond_the_limit_is_refused) {
    fixture.set("smtp.message_size_limit", "64K").value();
    SmtpClient client(fixture);
    client.greet();
    answers(client, "MAIL FROM:<carol@example.com> SIZE=65537", "552 5.3.4");
    answers(client, "MAIL FROM:<carol@example.com> SIZE=65536", "250 2.1.0");
    client.ask("RCPT TO:<alice@office.lan>");
    client.ask("DATA");
    for (int i = 0; i < 70; ++i) client.send(std::string(1022, 'x') + "\r\n");
    answers(client, ".", "552 5.3.4");
    answers(client, "MAIL FROM:<carol@example.com>", "250 2.1.0");
    client.ask("RCPT TO:<alice@office.lan>");
    client.ask("DATA");
    for (int i = 0; i < 64; ++i) client.send(std::string(1022, 'x') + "\r\n");
    answers(client, ".", "250 2.0.0");
    LONGS_EQUAL(1, inbox(fixture, fixture.alice).size());
}

TEST(SmtpSession, a_line_beyond_the_limit_is_refused) {
    fixture.set("smtp.line_limit", "998").value();
    SmtpClient client(fixture);
    client.greet();
    for (std::size_t length : {998UZ, 999UZ}) {
        client.ask("MAIL FROM:<carol@example.com>");
        client.ask("RCPT TO:<alice@office.lan>");
        client.ask("DATA");
        answers(client, "\r\n" + std::string(length, 'x') + "\r\n.", length == 998 ? "250" : "554 5.6.0");
    }
}

TEST(SmtpSession, a_large_message_comes_out_as_it_went_in) {
    SmtpClient client(fixture);
    client.greet();
    client.ask("MAIL FROM:<carol@example.com>");
    client.ask("RCPT TO:<alice@office.lan>");
    client.ask("RCPT TO:<bob@office.lan>");
    client.ask("DATA");
    std::string body = "Subject: large\r\n\r\n";
    for (int i = 0; i < 20000; ++i)
        body += std::string(static_cast<std::size_t>(i % 77), static_cast<char>('a' + i % 26)) + "\r\n";
    client.send(body);
    answers(client, ".", "250 2.0.0");
    CHECK(inbox(fixture, fixture.alice).at(0).ends_with("+0000\r\n" + body));
    CHECK(inbox(fixture, fixture.alice) == inbox(fixture, fixture.bob));
    CHECK(store::check(fixture.store(), true).value().problems.empty());
}

TEST(SmtpSession, a_large_message_that_is_refused_leaves_nothing) {
    SmtpClient client(fixture);
    client.greet();
    client.ask("MAIL FROM:<carol@example.com>");
    client.ask("RCPT TO:<alice@office.lan>");
    client.ask("DATA");
    std::string const line = std::string(1022, 'x') + "\r\n";
    for (int i = 0; i < 1000; ++i) client.send(line);
    client.send("bare\nline feed\r\n");
    answers(client, ".", "554 5.6.0");
    LONGS_EQUAL(0, inbox(fixture, fixture.alice).size());
    CHECK(store::check(fixture.store(), true).value().problems.empty());
}

TEST(SmtpSession, a_message_that_goes_round_is_refused) {
    fixture.set("smtp.hop_limit", "10").value();
    SmtpClient client(fixture);
    client.greet();
    for (int hops : {10, 11}) {
        client.ask("MAIL FROM:<carol@example.com>");
        client.ask("RCPT TO:<alice@office.lan>");
        client.ask("DATA");
        for (int i = 0; i < hops; ++i) client.send("Received: from a by b;\r\n Mon, 05 Jan 2026 10:00:00 +0000\r\n");
        answers(client, "\r\n.", hops == 10 ? "250" : "554 5.4.6");
    }
}

TEST(SmtpSession, a_full_mailbox_is_a_temporary_error) {
    fixture.set("account.quota", "4K").value();
    SmtpClient client(fixture);
    client.greet();
    client.ask("MAIL FROM:<carol@example.com> SIZE=5000");
    answers(client, "RCPT TO:<alice@office.lan>", "452 4.2.2");
    client.ask("RSET");
    client.ask("MAIL FROM:<carol@example.com>");
    answers(client, "RCPT TO:<alice@office.lan>", "250");
    client.ask("DATA");
    answers(client, "\r\n" + std::string(4096, 'x') + "\r\n.", "452 4.2.2");
    LONGS_EQUAL(0, inbox(fixture, fixture.alice).size());
    client.ask("MAIL FROM:<carol@example.com>");
    answers(client, "RCPT TO:<alice@office.lan>", "250");
    client.ask("DATA");
    answers(client, "\r\n" + std::string(3000, 'x') + "\r\n.", "250");
    client.ask("MAIL FROM:<carol@example.com> SIZE=2000");
    answers(client, "RCPT TO:<alice@office.lan>", "452 4.2.2");
    answers(client, "RCPT TO:<bob@office.lan>", "250");
}

TEST(SmtpSession, a_mailbox_may_be_full_of_few_messages_too) {
    fixture.set("account.message_quota", "1").value();
    SmtpClient client(fixture);
    client.greet();
    client.ask("MAIL FROM:<carol@example.com>");
    answers(client, "RCPT TO:<alice@office.lan>", "250");
    client.ask("DATA");
    answers(client, "x\r\n.", "250");
    client.ask("MAIL FROM:<carol@example.com>");
    answers(client, "RCPT TO:<alice@office.lan>", "452 4.2.2");
    answers(client, "RCPT TO:<bob@office.lan>", "250");
    LONGS_EQUAL(1, inbox(fixture, fixture.alice).size());
}

TEST(SmtpSession, a_full_disk_is_a_temporary_error) {
    SmtpClient client(fixture);
    client.greet();
    for (std::size_t size : {100UZ, 2'000'000UZ}) { // kept in memory, and spooled
        fixture.set_free_space(std::uint64_t{1} << 40);
        client.ask("MAIL FROM:<carol@example.com>");
        client.ask("RCPT TO:<alice@office.lan>");
        client.ask("DATA");
        fixture.set_free_space(1000);
        for (std::size_t sent = 0; sent < size; sent += 100) client.send(std::string(98, 'x') + "\r\n");
        answers(client, ".", "452 4.3.1");
    }
    LONGS_EQUAL(0, inbox(fixture, fixture.alice).size());
    fixture.set_free_space(std::uint64_t{1} << 40);
    client.ask("MAIL FROM:<carol@example.com>");
    client.ask("RCPT TO:<alice@office.lan>");
    client.ask("DATA");
    answers(client, ".", "250 2.0.0");
    CHECK(store::check(fixture.store(), true).value().problems.empty());
}

TEST(SmtpSession, an_account_that_goes_in_the_middle_gets_nothing) {
    SmtpClient client(fixture);
    client.greet();
    client.ask("MAIL FROM:<carol@example.com>");
    answers(client, "RCPT TO:<bob@office.lan>", "250");
    client.ask("DATA");
    fixture.store()
        .write_here(
            [&](store::WriteTransaction& transaction) { return store::remove_account(transaction, fixture.bob); })
        .value();
    answers(client, "Subject: x\r\n\r\n.", "451 4.3.0");
    client.ask("MAIL FROM:<carol@example.com>");
    answers(client, "RCPT TO:<bob@office.lan>", "550 5.1.1");
    CHECK(store::check(fixture.store(), true).value().problems.empty());
}

TEST(SmtpSession, recipients_have_a_limit) {
    fixture.set("smtp.recipient_limit", "100").value();
    SmtpClient client(fixture);
    client.greet();
    client.ask("MAIL FROM:<carol@example.com>");
    for (int i = 0; i < 100; ++i) answers(client, "RCPT TO:<alice+" + std::to_string(i) + "@office.lan>", "250 2.1.5");
    answers(client, "RCPT TO:<bob@office.lan>", "452 4.5.3"); // RFC 5321 §4.5.3.1.10
    client.ask("DATA");
    answers(client, "Subject: x\r\n\r\n.", "250");
    LONGS_EQUAL(1, inbox(fixture, fixture.alice).size());
}

TEST(SmtpSession, too_many_errors_end_the_session) {
    fixture.set("smtp.error_limit", "3").value();
    SmtpClient client(fixture);
    client.greet();
    answers(client, "X", "500");
    answers(client, "X", "500");
    answers(client, "X", "500");
    says(client.reply(), "421 4.7.0");
    STRCMP_EQUAL("closed", client.reply().c_str());
}

TEST(SmtpSession, too_many_commands_for_no_mail_end_the_session) {
    fixture.set("smtp.command_limit", "20").value();
    SmtpClient client(fixture);
    client.reply();
    for (int i = 0; i < 20; ++i) answers(client, "NOOP", "250");
    answers(client, "NOOP", "421 4.7.0");
    STRCMP_EQUAL("closed", client.reply().c_str());
}

TEST(SmtpSession, mail_that_is_accepted_clears_the_count) {
    fixture.set("smtp.error_limit", "3").value();
    fixture.set("smtp.command_limit", "20").value();
    SmtpClient client(fixture);
    client.greet();
    for (int i = 0; i < 20; ++i) {
        answers(client, "X", "500");
        client.ask("MAIL FROM:<carol@example.com>");
        answers(client, "RCPT TO:<nobody@office.lan>", "550");
        client.ask("RCPT TO:<alice@office.lan>");
        client.ask("DATA");
        answers(client, ".", "250");
    }
}

TEST(SmtpSession, shutdown_is_announced) {
    SmtpClient client(fixture);
    client.greet();
    fixture.stop.raise();
    says(client.reply(), "421 4.3.2");
    STRCMP_EQUAL("closed", client.reply().c_str());
}

TEST(SmtpSession, a_client_that_goes_in_the_middle_of_data_sent_nothing) {
    {
        SmtpClient client(fixture);
        client.greet();
        client.ask("MAIL FROM:<carol@example.com>");
        client.ask("RCPT TO:<alice@office.lan>");
        client.ask("DATA");
        client.send("Subject: x\r\n\r\nbody\r\n.\r");
    }
    LONGS_EQUAL(0, inbox(fixture, fixture.alice).size());
}

// RFC 3030

TEST(SmtpSession, chunks_make_a_message) {
    SmtpClient client(fixture);
    client.greet();
    client.send("MAIL FROM:<carol@example.com>\r\nRCPT TO:<alice@office.lan>\r\n"
                "BDAT 12\r\nSubject: x\r\n"
                "BDAT 0\r\n"
                "BDAT 6\r\n\r\n.\r\n."
                "BDAT 2 LAST\r\n\r\n"
                "NOOP\r\n");
    says(client.reply(), "250 2.1.0");
    says(client.reply(), "250 2.1.5");
    STRCMP_EQUAL("250 2.0.0 12 octets received", client.reply().c_str());
    says(client.reply(), "250 2.0.0 0 octets");
    says(client.reply(), "250 2.0.0 6 octets");
    says(client.reply(), "250 2.0.0 Ok: queued as ");
    says(client.reply(), "250 2.0.0 Ok");
    CHECK(inbox(fixture, fixture.alice).at(0).ends_with("+0000\r\nSubject: x\r\n\r\n.\r\n.\r\n"));
}

TEST(SmtpSession, after_a_chunk_only_chunks_may_follow) {
    SmtpClient client(fixture);
    client.greet();
    client.ask("MAIL FROM:<carol@example.com>");
    client.ask("RCPT TO:<alice@office.lan>");
    client.send("BDAT 2\r\n\r\n");
    says(client.reply(), "250");
    answers(client, "DATA", "503 5.5.1");
    answers(client, "RCPT TO:<bob@office.lan>", "503 5.5.1");
    answers(client, "MAIL FROM:<>", "503 5.5.1");
    answers(client, "AUTH PLAIN", "503 5.5.1");
    answers(client, "RSET", "250");
    client.send("BDAT 6 LAST\r\nQUIT\r\n");
    says(client.reply(), "503 5.5.1");
    answers(client, "NOOP", "250");
    LONGS_EQUAL(0, inbox(fixture, fixture.alice).size());
}

TEST(SmtpSession, chunks_are_swallowed_when_nobody_wants_them) {
    SmtpClient client(fixture);
    client.greet();
    client.send("MAIL FROM:<carol@example.com>\r\nRCPT TO:<nobody@office.lan>\r\nBDAT 6\r\nQUIT\r\nBDAT 6 "
                "LAST\r\nQUIT\r\nNOOP\r\n");
    says(client.reply(), "250 2.1.0");
    says(client.reply(), "550 5.1.1");
    says(client.reply(), "554 5.5.1");
    says(client.reply(), "554 5.5.1");
    says(client.reply(), "250 2.0.0");
}

TEST(SmtpSession, a_bad_chunk_ends_the_transaction_and_the_rest_is_swallowed) {
    SmtpClient client(fixture);
    client.greet();
    client.send("MAIL FROM:<carol@example.com>\r\nRCPT TO:<alice@office.lan>\r\n"
                "BDAT 5\r\na\nb\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n");
    says(client.reply(), "250 2.1.0");
    says(client.reply(), "250 2.1.5");
    says(client.reply(), "554 5.6.0");
    says(client.reply(), "503 5.5.1");
    says(client.reply(), "250 2.0.0");
    client.send("MAIL FROM:<carol@example.com>\r\nRCPT TO:<alice@office.lan>\r\nBDAT 2 LAST\r\na\r");
    client.replies(2);
    says(client.reply(), "554 5.6.0");
    LONGS_EQUAL(0, inbox(fixture, fixture.alice).size());
}

TEST(SmtpSession, a_chunk_of_unknown_size_ends_the_session) {
    SmtpClient client(fixture);
    client.greet();
    client.send("BDAT many LAST\r\nMAIL FROM:<evil@example.com>\r\n");
    says(client.reply(), "421 4.5.4");
    STRCMP_EQUAL("closed", client.reply().c_str());
}

TEST(SmtpSession, binary_mime_is_taken_octet_for_octet) {
    SmtpClient client(fixture);
    client.greet();
    answers(client, "MAIL FROM:<carol@example.com> BODY=BINARYMIME", "250");
    client.ask("RCPT TO:<alice@office.lan>");
    answers(client, "DATA", "503 5.5.1");
    std::string const binary("Subject: x\r\n\r\n\0\n\r\xff.\r\n.\r\n", 24);
    client.send("BDAT 24 LAST\r\n" + binary);
    says(client.reply(), "250 2.0.0");
    CHECK(inbox(fixture, fixture.alice).at(0).ends_with("+0000\r\n" + binary));
}

TEST(SmtpSession, chunks_beyond_the_limit_are_refused) {
    fixture.set("smtp.message_size_limit", "64K").value();
    SmtpClient client(fixture);
    client.greet();
    client.ask("MAIL FROM:<carol@example.com>");
    client.ask("RCPT TO:<alice@office.lan>");
    std::string octets;
    while (octets.size() < 40000) octets += std::string(98, 'x') + "\r\n";
    client.send("BDAT 40000\r\n" + octets);
    says(client.reply(), "250");
    client.send("BDAT 40000\r\n" + octets);
    says(client.reply(), "552 5.3.4");
    client.send("BDAT 40000 LAST\r\n" + octets);
    says(client.reply(), "503 5.5.1");
}

TEST(SmtpSession, without_memory_a_message_is_refused_before_it_is_sent) {
    SmtpClient client(fixture);
    client.greet();
    answers(client, "MAIL FROM:<carol@example.com>", "250 2.1.0");
    answers(client, "RCPT TO:<alice@office.lan>", "250 2.1.5");
    fixture.memory.set_ceiling(fixture.memory.held());
    answers(client, "DATA", "452 4.3.1");
    answers(client, "MAIL FROM:<carol@example.com>", "250 2.1.0");
    answers(client, "RCPT TO:<alice@office.lan>", "452 4.3.1");
    fixture.memory.set_ceiling(10'000'000);
    answers(client, "RCPT TO:<alice@office.lan>", "250 2.1.5");
    fixture.memory.set_ceiling(fixture.memory.held());
    answers(client, "BDAT 8 LAST\r\nab\r\ncd", "452 4.3.1");
    fixture.memory.set_ceiling(10'000'000);
    answers(client, "MAIL FROM:<carol@example.com>", "250 2.1.0");
    answers(client, "RCPT TO:<alice@office.lan>", "250 2.1.5");
    answers(client, "DATA", "354");
    answers(client, "Subject: x\r\n\r\nbody\r\n.", "250 2.0.0");
}

// RFC 1985 §5
TEST(SmtpSession, a_server_comes_for_its_mail) {
    using office::QueueStart;
    QueueStart answer = QueueStart::started;
    std::string asked;
    fixture.office.start_queue = [&](std::string const& domain, bool and_below) {
        asked = (and_below ? "@" : "") + domain;
        return answer;
    };
    SmtpClient client(fixture);
    client.reply();
    CHECK(client.ask("EHLO mail.branch.example").contains("\r\n250-ETRN\r\n"));
    answers(client, "ETRN branch.example", "250 2.0.0");
    STRCMP_EQUAL("branch.example", asked.c_str());
    answer = QueueStart::nothing_waits;
    answers(client, "ETRN @Branch.example", "251 2.0.0");
    STRCMP_EQUAL("@branch.example", asked.c_str());
    answer = QueueStart::unable;
    answers(client, "ETRN branch.example", "458 4.3.2");
    answer = QueueStart::not_allowed;
    answers(client, "ETRN branch.example", "459 4.7.1");
    asked.clear();
    answers(client, "ETRN #branch.example", "459 4.7.1");
    answers(client, "ETRN branch.example x", "501 5.5.4");
    STRCMP_EQUAL("", asked.c_str());
}

TEST(SmtpSession, who_is_not_welcome_or_submits_mail_comes_for_none) {
    fixture.office.start_queue = [&](std::string const&, bool) {
        FAIL("asked");
        return office::QueueStart::started;
    };
    SmtpClient stranger(fixture, smtp::Role::exchange, "203.0.113.7");
    says(stranger.reply(), "554");
    answers(stranger, "ETRN branch.example", "503");
    CHECK(fixture.set("login.allow_plaintext", "yes").has_value());
    SmtpClient submitter(fixture, smtp::Role::submission);
    submitter.log_in("alice");
    CHECK(!submitter.ask("EHLO client.example").contains("ETRN"));
    answers(submitter, "ETRN branch.example", "502 5.5.1");
}
