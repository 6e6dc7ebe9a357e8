#include "core/log.h"
#include "imap_client.h"
#include "net/certificate.h"
#include "net/tls.h"

#include <chrono>

using namespace postern;
using namespace postern::test;

// RFC 3501 §6.2.1. Passwords do not cross in the clear here.
TEST_GROUP(ImapStartTls) {
    OfficeFixture office;
    std::shared_ptr<net::TlsClient> tls;

    void setup() override {
        core::set_log_level(core::Level::error);
        auto const directory = office.directory() / "tls";
        auto const now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
        auto const identity = net::load_or_make_identity(directory, "office.lan", {}, now, office.random).value();
        office.office.tls = net::TlsServer::make(identity).value();
        tls = net::TlsClient::make({.trusted = net::authority_certificate(directory), .alpn = {}}).value();
    }
};

TEST(ImapStartTls, is_offered_until_it_is_done) {
    ImapClient client(office);
    CHECK_HAS("ENABLE STARTTLS LOGINDISABLED AUTH=SCRAM-SHA-256]", client.greeting);
    CHECK_ANSWER("OK Begin TLS now\r\n", client.say("STARTTLS"));
    CHECK(client.start_tls(*tls));
    CHECK_HAS("* CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR ID ENABLE AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-256 "
              "AUTH=PLAIN AUTH=LOGIN\r\n",
              client.say("CAPABILITY"));
    CHECK_HAS("BAD ", client.say("STARTTLS"));
    CHECK_HAS("OK ", client.say("LOGIN alice secret-alice"));
    CHECK_HAS("OK ", client.append("INBOX", "a: b\r\n\r\n" + std::string(100'000, 'x')));
    client.say("SELECT INBOX");
    CHECK_HAS("BODY[] {100008}\r\na: b\r\n\r\nxxx", client.say("FETCH 1 BODY[]").substr(0, 100));
}

// What an attacker on the wire adds in plain text behind the command must not be taken for the client's.
TEST(ImapStartTls, plain_text_behind_the_command_is_dropped) {
    ImapClient client(office);
    client.feed("a STARTTLS\r\nb NOOP\r\nc LOGIN {5+}\r\nalice {1");
    CHECK_ANSWER("OK Begin TLS now\r\n", client.answer_of("a"));
    CHECK(client.start_tls(*tls));
    CHECK_ANSWER("OK Nothing done\r\n", client.say("NOOP"));
}

TEST(ImapStartTls, a_client_that_does_not_speak_it_is_let_go) {
    ImapClient client(office);
    client.say("STARTTLS");
    client.feed("a LOGIN alice secret-alice\r\nb SELECT INBOX\r\n");
    CHECK(!client.read_to_end().contains("OK"));
}
