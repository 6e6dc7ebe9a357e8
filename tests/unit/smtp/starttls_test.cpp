// RFC 3207: what is said before TLS, during the change, and after it.
#include "client.h"
#include "core/log.h"
#include "net/certificate.h"

#include <CppUTest/TestHarness.h>

#include <algorithm>

using namespace postern;
using namespace postern::test;

TEST_GROUP(SmtpStartTls) {
    OfficeFixture fixture;
    std::shared_ptr<net::TlsClient> tls;

    void setup() override {
        core::set_log_level(core::Level::error);
        auto const directory = fixture.directory() / "tls";
        auto const now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
        auto const identity = net::load_or_make_identity(directory, "office.lan", {}, now, fixture.random).value();
        fixture.office.tls = net::TlsServer::make(identity).value();
        tls = net::TlsClient::make({.trusted = net::authority_certificate(directory), .alpn = {}}).value();
    }

    static void says(std::string const& reply, std::string_view start) {
        if (!reply.starts_with(start)) FAIL(("expected " + std::string(start) + "\nsaid " + reply).c_str());
    }
};

TEST(SmtpStartTls, is_offered_until_it_is_done) {
    SmtpClient client(fixture);
    client.reply();
    CHECK(client.ask("EHLO client.example").contains("250-STARTTLS\r\n"));
    says(client.ask("STARTTLS now"), "501 5.5.4");
    says(client.ask("STARTTLS"), "220 2.0.0");
    client.start_tls(*tls);
    CHECK_FALSE(client.ask("EHLO client.example").contains("STARTTLS"));
    says(client.ask("STARTTLS"), "503 5.5.1");
    says(client.ask("QUIT"), "221");
}

TEST(SmtpStartTls, what_was_said_before_is_forgotten) {
    SmtpClient client(fixture);
    client.greet();
    client.ask("MAIL FROM:<carol@example.com>");
    client.ask("RCPT TO:<alice@office.lan>");
    says(client.ask("STARTTLS"), "220");
    client.start_tls(*tls);
    says(client.ask("RCPT TO:<alice@office.lan>"), "503 5.5.1 EHLO");
    client.ask("EHLO client.example");
    says(client.ask("RCPT TO:<alice@office.lan>"), "503 5.5.1 MAIL");
}

// What an attacker on the wire adds in plain text behind the command must not be taken for the client's.
TEST(SmtpStartTls, plain_text_behind_the_command_is_dropped) {
    SmtpClient client(fixture);
    client.greet();
    client.send("STARTTLS\r\nEHLO evil.example\r\nMAIL FROM:<evil@example.com>\r\nRCPT TO:<alice@office.lan>\r\nDAT");
    says(client.reply(), "220");
    client.start_tls(*tls);
    says(client.ask("NOOP"), "250 2.0.0");
    says(client.ask("MAIL FROM:<carol@example.com>"), "503 5.5.1 EHLO");
}

TEST(SmtpStartTls, submission_opens_with_it) {
    SmtpClient client(fixture, smtp::Role::submission);
    client.reply();
    CHECK_FALSE(client.ask("EHLO client.example").contains("AUTH"));
    says(client.ask("AUTH PLAIN"), "538 5.7.11");
    says(client.ask("STARTTLS"), "220");
    client.start_tls(*tls);
    says(client.ask("AUTH PLAIN"), "503 5.5.1");
    CHECK(client.ask("EHLO client.example").contains("250-AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN\r\n"));
    says(client.ask("AUTH PLAIN AGFsaWNlAHNlY3JldC1hbGljZQ=="), "235 2.7.0");
    says(client.ask("MAIL FROM:<alice@office.lan>"), "250 2.1.0");
    says(client.ask("RCPT TO:<bob@office.lan>"), "250 2.1.5");
    says(client.ask("DATA"), "354");
    says(client.ask("Subject: secret\r\n\r\nbody\r\n."), "250 2.0.0");
    CHECK(inbox(fixture, fixture.bob).at(0).contains(" with ESMTPSA (TLSv1.3 "));
}

TEST(SmtpStartTls, a_client_that_does_not_speak_it_is_let_go) {
    SmtpClient client(fixture);
    client.greet();
    says(client.ask("STARTTLS"), "220");
    client.send("EHLO client.example\r\nMAIL FROM:<carol@example.com>\r\n");
    auto const last = client.reply(); // an alert, perhaps
    CHECK_FALSE(last.starts_with("250"));
}
