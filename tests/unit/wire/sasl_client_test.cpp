#include "text/base64.h"
#include "wire/sasl_client.h"
#include "wire/sasl_plain.h"
#include "wire/sasl_scram.h"

#include <CppUTest/TestHarness.h>

#include <format>
#include <string>
#include <vector>

namespace sasl_client_test {

using namespace postern;
using namespace postern::wire;
using namespace std::string_literals;

namespace {

SaslCredentials password(std::string_view login = "user", std::string_view secret = "pencil") {
    return {std::string(login), core::Secret(secret), SaslCredentials::Kind::password};
}

SaslCredentials access_token(std::string_view login, std::string_view secret) {
    return {std::string(login), core::Secret(secret), SaslCredentials::Kind::access_token};
}

SaslConnection const in_the_clear;
SaslConnection const under_tls{.confidential = true};
SaslConnection const bound{.confidential = true, .binding_type = "tls-exporter", .binding = "this connection"};

constexpr std::string_view nonce = "rOprNGfwEbeRWgbNEkqO"; // RFC 7677 §3

std::unique_ptr<SaslClient> choose(std::vector<std::string> const& offered, SaslCredentials credentials = password(),
                                   SaslConnection const& connection = under_tls) {
    return SaslClient::choose(offered, std::move(credentials), connection, nonce);
}

// The mechanism that is chosen, or none.
std::string chosen(std::vector<std::string> const& offered, SaslCredentials credentials,
                   SaslConnection const& connection) {
    auto const client = choose(offered, std::move(credentials), connection);
    return client ? std::string(client->mechanism()) : "";
}

std::string initial_response(SaslClient& client) { return std::string(client.initial_response().value().reveal()); }
std::string response(SaslClient& client, std::string_view challenge) {
    return std::string(client.respond(challenge).value().reveal());
}

std::vector<std::string> const all = {
    "LOGIN", "PLAIN", "XOAUTH2", "OAUTHBEARER", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "CRAM-MD5"};

} // namespace

TEST_GROUP(SaslClient){};

TEST(SaslClient, chooses_the_best_that_both_know) {
    STRCMP_EQUAL("SCRAM-SHA-256-PLUS", chosen(all, password(), bound).c_str());
    STRCMP_EQUAL("SCRAM-SHA-256", chosen(all, password(), under_tls).c_str());
    STRCMP_EQUAL("PLAIN", chosen({"LOGIN", "PLAIN"}, password(), bound).c_str());
    STRCMP_EQUAL("LOGIN", chosen({"login", "CRAM-MD5"}, password(), bound).c_str());
    STRCMP_EQUAL("", chosen({"CRAM-MD5"}, password(), bound).c_str());
    STRCMP_EQUAL("", chosen({}, password(), bound).c_str());
}

TEST(SaslClient, gives_no_password_away) {
    STRCMP_EQUAL("SCRAM-SHA-256", chosen(all, password(), in_the_clear).c_str());
    STRCMP_EQUAL("", chosen({"LOGIN", "PLAIN"}, password(), in_the_clear).c_str());
    STRCMP_EQUAL("", chosen(all, access_token("user", "t"), in_the_clear).c_str());
}

TEST(SaslClient, takes_a_token_for_no_password) {
    STRCMP_EQUAL("OAUTHBEARER", chosen(all, access_token("user", "t"), bound).c_str());
    STRCMP_EQUAL("XOAUTH2", chosen({"PLAIN", "XOAUTH2"}, access_token("user", "t"), bound).c_str());
    STRCMP_EQUAL("", chosen({"PLAIN", "LOGIN", "SCRAM-SHA-256"}, access_token("user", "t"), bound).c_str());
    STRCMP_EQUAL("", chosen({"XOAUTH2", "OAUTHBEARER"}, password(), bound).c_str());
}

TEST(SaslClient, passes_over_what_cannot_carry_the_credentials) {
    STRCMP_EQUAL("PLAIN", chosen(all, password("user", "bell\x07"), bound).c_str()); // SASLprep prohibits it
    STRCMP_EQUAL("PLAIN", chosen(all, password("\xff", "pencil"), bound).c_str());
    STRCMP_EQUAL("LOGIN", chosen(all, password("user", "a\0b"s), bound).c_str());
    STRCMP_EQUAL("LOGIN", chosen({"PLAIN", "LOGIN"}, password("us\0er"s, "a"), bound).c_str());
    STRCMP_EQUAL("", chosen(all, access_token("user", "t\x01host=evil"), bound).c_str());
    STRCMP_EQUAL("", chosen(all, access_token("us\x01er", "t"), bound).c_str());
}

// RFC 4616 §4
TEST(SaslClient, plain) {
    auto const client = choose({"PLAIN"}, password("tim", "tanstaaftanstaaf"));
    CHECK_FALSE(client->complete());
    auto const message = initial_response(*client);
    CHECK(message == "\0tim\0tanstaaftanstaaf"s);
    CHECK(parse_plain_message(message)->password.reveal() == "tanstaaftanstaaf");
    CHECK(client->complete());
    CHECK(client->respond("").error() == SaslFault::malformed);
}

TEST(SaslClient, answers_an_empty_challenge_where_nothing_went_with_the_command) {
    CHECK(response(*choose({"PLAIN"}), "") == "\0user\0pencil"s);
    CHECK(response(*choose({"SCRAM-SHA-256"}), "") == "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
}

TEST(SaslClient, login_whatever_the_prompts_are) {
    for (auto const& [first, second] : {std::pair{"Username:", "Password:"}, {"User Name", "Password"}, {"", ""}}) {
        auto const client = choose({"LOGIN"});
        CHECK_FALSE(client->initial_response().has_value());
        CHECK(response(*client, first) == "user");
        CHECK_FALSE(client->complete());
        CHECK(response(*client, second) == "pencil");
        CHECK(client->complete());
        CHECK(client->respond(second).error() == SaslFault::malformed);
    }
}

TEST(SaslClient, holds_the_conversation_of_RFC_7677) {
    auto const client = choose({"SCRAM-SHA-256"});
    CHECK(initial_response(*client) == "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    CHECK(response(*client, "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096") ==
          "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
          "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    CHECK_FALSE(client->complete());
    CHECK(response(*client, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").empty());
    CHECK(client->complete());
    CHECK(client->respond("").error() == SaslFault::malformed);
}

TEST(SaslClient, scram_is_complete_only_with_the_servers_signature) {
    auto const client = choose({"SCRAM-SHA-256"});
    (void)client->initial_response();
    (void)response(*client, "r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=4096");
    CHECK(client->respond("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").error() == SaslFault::server_not_proven);
    CHECK_FALSE(client->complete());
    // A fault is the end.
    CHECK(client->respond("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").error() == SaslFault::malformed);
    CHECK_FALSE(client->complete());
}

TEST(SaslClient, scram_prepares_login_and_password) {
    auto const client = choose({"SCRAM-SHA-256"}, password("I\xC2\xADX,", "pen\xC2\xAD"
                                                                          "cil"));
    CHECK(initial_response(*client) == "n,,n=IX=2C,r=rOprNGfwEbeRWgbNEkqO");
    auto server = ScramExchange::read("n,,n=IX=2C,r=rOprNGfwEbeRWgbNEkqO", ScramBinding::none).value();
    auto const proof = response(*client, server.challenge("x", "salt", 4096));
    CHECK(response(*client, server.finish(proof, derive_scram_keys("pencil", "salt", 4096)).value()).empty());
    CHECK(client->complete());
}

// RFC 5802 §6
TEST(SaslClient, scram_binds_to_the_connection_where_it_can) {
    auto const conversation = [](SaslConnection const& connection, std::string_view bound_by_server) {
        auto const client = choose({"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"}, password(), connection);
        auto server = ScramExchange::read(initial_response(*client), ScramBinding::chosen).value();
        CHECK(server.binding_type() == "tls-exporter");
        auto const proof = response(*client, server.challenge("x", "salt", 4096));
        auto const signature = server.finish(proof, derive_scram_keys("pencil", "salt", 4096), bound_by_server);
        return signature && client->respond(*signature) && client->complete();
    };
    CHECK(conversation(bound, "this connection"));
    CHECK_FALSE(conversation(bound, "another connection"));
}

TEST(SaslClient, scram_tells_the_server_that_it_could_bind) {
    CHECK(initial_response(*choose({"SCRAM-SHA-256"}, password(), bound)).starts_with("y,,"));
    CHECK(initial_response(*choose({"SCRAM-SHA-256"}, password(), under_tls)).starts_with("n,,"));
    CHECK(initial_response(*choose(all, password(), under_tls)).starts_with("n,,"));
}

// RFC 7628 §4.1, without host and port
TEST(SaslClient, oauthbearer) {
    auto const client =
        choose({"OAUTHBEARER"}, access_token("user@example.com", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="));
    CHECK(initial_response(*client) ==
          "n,a=user@example.com,\001auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\001\001");
    CHECK(client->complete());
    CHECK(initial_response(*choose({"OAUTHBEARER"}, access_token("a,b=c", "t"))) ==
          "n,a=a=2Cb=3Dc,\001auth=Bearer t\001\001");
    CHECK(initial_response(*choose({"OAUTHBEARER"}, access_token("", "t"))) == "n,,\001auth=Bearer t\001\001");
}

// As Google documents it.
TEST(SaslClient, xoauth2) {
    auto const client =
        choose({"XOAUTH2"}, access_token("someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"));
    CHECK(
        text::base64_encode(initial_response(*client)) ==
        "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2"
        "cBAQ==");
    CHECK(client->complete());
}

// RFC 7628 §3.2.2, §3.2.3
TEST(SaslClient, answers_the_refusal_of_a_token_so_that_the_server_can_end) {
    for (auto const& [mechanism, answer] : {std::pair{"OAUTHBEARER", "\001"}, {"XOAUTH2", ""}}) {
        auto const client = choose({mechanism}, access_token("user", "expired"));
        (void)client->initial_response();
        CHECK(response(*client, R"({"status":"invalid_token","scope":"example_scope"})") == answer);
        CHECK_FALSE(client->complete());
        CHECK(client->respond("{}").error() == SaslFault::refused);
    }
}

TEST(SaslClient, says_what_the_server_did) {
    STRCMP_EQUAL("it did not prove that it knows the password",
                 std::string(describe(SaslFault::server_not_proven)).c_str());
}

} // namespace sasl_client_test
