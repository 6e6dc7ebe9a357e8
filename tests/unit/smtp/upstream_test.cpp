// Servers elsewhere that are named bring mail to port 25 once they proved who they are, and only for the office.
#include "client.h"
#include "core/log.h"
#include "net/certificate.h"
#include "office/login.h"
#include "store/upstreams.h"

#include <CppUTest/TestHarness.h>

#include <string>
#include <string_view>

namespace smtp_upstream_test {

using namespace postern;
using namespace postern::test;

TEST_GROUP(SmtpUpstream) {
    static constexpr std::string_view outside = "203.0.113.7";

    OfficeFixture fixture{1};
    std::shared_ptr<net::TlsClient> tls;

    void setup() override {
        core::set_log_level(static_cast<core::Level>(0));
        auto const directory = fixture.directory() / "tls";
        auto const now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
        auto const identity = net::load_or_make_identity(directory, "office.lan", {}, now, fixture.random).value();
        fixture.office.tls = net::TlsServer::make(identity).value();
        tls = net::TlsClient::make({.trusted = net::authority_certificate(directory), .alpn = {}}).value();
        store::Upstream upstream;
        upstream.name = "provider";
        upstream.addresses = {"203.0.113.0/24", "2001:db8::/32"};
        upstream.login = "office";
        upstream.verifier = office::make_verifier(core::Secret(std::string_view("hush")), "salt", 1).value();
        keep(upstream);
    }
    void keep(store::Upstream const& upstream) {
        fixture.store()
            .write_here(
                [&](store::WriteTransaction& transaction) { return store::set_upstream(transaction, upstream); })
            .value();
        CHECK(fixture.office.upstreams.read(fixture.office.storage).has_value());
    }

    static void says(std::string const& reply, std::string_view start) {
        if (!reply.starts_with(start)) FAIL(("expected " + std::string(start) + "\nsaid " + reply).c_str());
    }
    static std::string plain(std::string const& login, std::string const& password) {
        return "AUTH PLAIN " + text::base64_encode('\0' + login + '\0' + password);
    }
    void secure(SmtpClient & client) {
        client.greet();
        says(client.ask("STARTTLS"), "220");
        client.start_tls(*tls);
        CHECK(client.ask("EHLO mx.provider.example")
                  .contains("250-AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN\r\n"));
    }
};

TEST(SmtpUpstream, brings_mail_after_tls_and_a_login) {
    SmtpClient client(fixture, smtp::Role::exchange, std::string(outside));
    says(client.reply(), "220");
    CHECK(!client.ask("EHLO mx.provider.example").contains("AUTH"));
    says(client.ask("MAIL FROM:<x@example.org>"), "530 5.7.0 STARTTLS");
    says(client.ask(plain("office", "hush")), "538");
    says(client.ask("STARTTLS"), "220");
    client.start_tls(*tls);
    client.ask("EHLO mx.provider.example");
    says(client.ask("MAIL FROM:<x@example.org>"), "530 5.7.0 Authentication");
    says(client.ask("RCPT TO:<alice@office.lan>"), "530");
    client.send("BDAT 2 LAST\r\n\r\n");
    says(client.reply(), "530");
    says(client.ask(plain("Office@office.lan", "hush")), "235");
    says(client.ask(plain("office", "hush")), "503");
    says(client.ask("MAIL FROM:<alice@office.lan>"), "250"); // whoever it is from
    says(client.ask("RCPT TO:<dave@elsewhere.example>"), "550 5.7.1");
    says(client.ask("RCPT TO:<alice@office.lan>"), "250");
    says(client.ask("DATA"), "354");
    says(client.ask("Subject: x\r\n\r\nbody\r\n."), "250");
    CHECK(inbox(fixture, fixture.alice).at(0).contains(" with ESMTPSA (TLSv1.3 "));
    CHECK(queue(fixture).empty());
}

TEST(SmtpUpstream, no_other_login_is_good) {
    fixture.clock.advance(std::chrono::hours(1));
    SmtpClient client(fixture, smtp::Role::exchange, std::string(outside));
    secure(client);
    for (auto const& [login, password] : {std::pair{"office", "hash"}, {"alice", "secret-alice"}, {"office", "x"}}) {
        says(client.ask(plain(login, password)), "535 5.7.8");
        says(client.ask("MAIL FROM:<x@example.org>"), "530");
    }
    LONGS_EQUAL(1, fixture.office.throttle.addresses());
}

TEST(SmtpUpstream, its_login_is_good_for_nothing_else) {
    SmtpClient client(fixture, smtp::Role::submission, std::string(outside));
    client.greet();
    says(client.ask("STARTTLS"), "220");
    client.start_tls(*tls);
    client.ask("EHLO client.example");
    says(client.ask(plain("office", "hush")), "535");
}

TEST(SmtpUpstream, what_it_proved_is_forgotten_by_nobody_but_itself) {
    {
        SmtpClient client(fixture, smtp::Role::exchange, std::string(outside));
        secure(client);
        says(client.ask(plain("office", "hush")), "235");
        says(client.ask("EHLO mx.provider.example"), "250");
        says(client.ask("MAIL FROM:<>"), "250");
    }
    SmtpClient another(fixture, smtp::Role::exchange, std::string(outside));
    secure(another);
    says(another.ask("MAIL FROM:<>"), "530");
}

TEST(SmtpUpstream, without_a_password_there_is_no_way_in) {
    store::Upstream upstream;
    upstream.name = "provider";
    upstream.addresses = {std::string(outside)};
    upstream.login = "office";
    keep(upstream);
    SmtpClient client(fixture, smtp::Role::exchange, std::string(outside));
    secure(client);
    says(client.ask(plain("office", "x")), "535");
}

TEST(SmtpUpstream, who_is_named_proves_it_wherever_he_is) {
    store::Upstream upstream;
    upstream.name = "sister";
    upstream.addresses = {"192.168.1.20"};
    upstream.login = "sister";
    keep(upstream);
    SmtpClient client(fixture);
    client.greet();
    says(client.ask("MAIL FROM:<x@example.org>"), "530");
    SmtpClient neighbour(fixture, smtp::Role::exchange, "192.168.1.21");
    neighbour.greet();
    says(neighbour.ask(plain("sister", "x")), "502");
    says(neighbour.ask("MAIL FROM:<x@example.org>"), "250");
    SmtpClient stranger(fixture, smtp::Role::exchange, "198.51.100.1");
    says(stranger.reply(), "554");
}

TEST(SmtpUpstream, starts_no_queue_before_it_proved_who_it_is) {
    fixture.office.start_queue = [](std::string const&, bool) { return office::QueueStart::started; };
    SmtpClient client(fixture, smtp::Role::exchange, std::string(outside));
    secure(client);
    says(client.ask("ETRN branch.example"), "530");
    says(client.ask(plain("office", "hush")), "235");
    says(client.ask("ETRN branch.example"), "250");
}

TEST(SmtpUpstream, one_with_a_certificate_has_no_login) {
    store::Upstream upstream;
    upstream.name = "provider";
    upstream.addresses = {std::string(outside)};
    upstream.certificate = net::authority_certificate(fixture.directory() / "tls");
    keep(upstream);
    SmtpClient client(fixture, smtp::Role::exchange, std::string(outside));
    client.greet();
    says(client.ask("STARTTLS"), "220");
    client.start_tls(*tls); // which shows none
    CHECK(!client.ask("EHLO mx.provider.example").contains("AUTH"));
    says(client.ask(plain("office", "hush")), "502");
    says(client.ask("MAIL FROM:<x@example.org>"), "530 5.7.0 Your certificate");
    upstream.certificate = "nonsense";
    keep(upstream);
    SmtpClient again(fixture, smtp::Role::exchange, std::string(outside));
    again.greet();
    says(again.ask("STARTTLS"), "454 4.7.0");
    says(again.ask("MAIL FROM:<x@example.org>"), "530");
}

} // namespace smtp_upstream_test
