#include "core/log.h"
#include "net/certificate.h"
#include "net/tls.h"
#include "pop3_client.h"

#include <chrono>

using namespace postern;
using namespace postern::test;

// RFC 2595 §4. Passwords do not cross in the clear here.
TEST_GROUP(Pop3StartTls) {
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

TEST(Pop3StartTls, is_offered_until_it_is_done) {
    Pop3Client client(office);
    CHECK_HAS("\r\nSASL SCRAM-SHA-256\r\nSTLS\r\n.\r\n", client.ask("CAPA"));
    CHECK_HAS("-ERR [AUTH] ", client.say("USER alice"));
    CHECK_ANSWER("+OK Begin TLS now\r\n", client.say("STLS"));
    CHECK(client.start_tls(*tls));
    CHECK_HAS("\r\nUSER\r\nSASL SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN\r\n.\r\n", client.ask("CAPA"));
    CHECK_HAS("-ERR TLS is on already", client.say("STLS"));
    client.log_in();
}

// What an attacker on the wire adds in plain text behind the command must not be taken for the client's.
TEST(Pop3StartTls, plain_text_behind_the_command_is_dropped) {
    Pop3Client client(office);
    client.feed("STLS\r\nCAPA\r\nUSER al");
    CHECK_ANSWER("+OK Begin TLS now\r\n", client.read_until("\r\n"));
    CHECK(client.start_tls(*tls));
    CHECK_ANSWER("-ERR Log in first\r\n", client.say("NOOP"));
}

TEST(Pop3StartTls, a_client_that_does_not_speak_it_is_let_go) {
    Pop3Client client(office);
    client.say("STLS");
    client.feed("USER alice\r\nPASS secret-alice\r\n");
    CHECK(!client.read_to_end().contains("+OK"));
}

// RFC 6856 §2.1
TEST(Pop3StartTls, does_not_follow_utf8) {
    Pop3Client client(office);
    CHECK_HAS("+OK", client.say("UTF8"));
    CHECK_HAS("-ERR", client.say("STLS"));
}
