#include "core/crypto.h"
#include "text/base64.h"
#include "wire/sasl_scram.h"

#include <CppUTest/TestHarness.h>

#include <format>
#include <optional>

namespace sasl_scram_test {

using namespace postern;
using namespace postern::wire;
using namespace std::string_view_literals;

namespace {

// RFC 7677 §3
constexpr auto client_first = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"sv;
constexpr auto server_nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"sv;
constexpr auto both_nonces = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"sv;
constexpr auto client_proof = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="sv;

constexpr auto server_first =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"sv;

std::string salt() { return text::base64_decode("W22ZaJ0SNY7soEsUEjb6gQ==").value(); }
ScramKeys keys() { return derive_scram_keys("pencil", salt(), 4096); }

ScramExchange challenged() {
    auto exchange = ScramExchange::read(client_first, ScramBinding::none).value();
    exchange.challenge(server_nonce, salt(), 4096);
    return exchange;
}

ScramClient rfc_client() { return {"n", "", "user", "rOprNGfwEbeRWgbNEkqO"}; }

ScramError error_of(std::string_view message) { return ScramExchange::read(message, ScramBinding::none).error(); }

} // namespace

TEST_GROUP(SaslScram){};

TEST(SaslScram, holds_the_conversation_of_RFC_7677) {
    auto exchange = ScramExchange::read(client_first, ScramBinding::none).value();
    CHECK(exchange.username() == "user");
    CHECK(exchange.authorization_identity().empty());
    CHECK(exchange.challenge(server_nonce, salt(), 4096) ==
          std::format("r={},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", both_nonces));
    auto const last = exchange.finish(std::format("c=biws,r={},p={}", both_nonces, client_proof), keys());
    CHECK(last == "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

TEST(SaslScram, refuses_a_wrong_password) {
    auto const wrong = derive_scram_keys("Pencil", salt(), 4096);
    CHECK(challenged().finish(std::format("c=biws,r={},p={}", both_nonces, client_proof), wrong).error() ==
          ScramError::invalid_proof);
}

TEST(SaslScram, refuses_a_proof_of_another_length) {
    for (std::string_view const proof : {""sv, "AAAA"sv, "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQA"sv})
        CHECK(challenged().finish(std::format("c=biws,r={},p={}", both_nonces, proof), keys()).error() ==
              ScramError::invalid_proof);
}

TEST(SaslScram, refuses_a_nonce_that_is_not_both_parts) {
    for (std::string_view const nonce : {""sv, both_nonces.substr(0, 20), both_nonces.substr(1)})
        CHECK(challenged().finish(std::format("c=biws,r={},p={}", nonce, client_proof), keys()).error() ==
              ScramError::invalid_encoding);
}

TEST(SaslScram, notices_a_changed_gs2_header) {
    // "y,," for the "n,," that was sent first
    CHECK(challenged().finish(std::format("c=eSws,r={},p={}", both_nonces, client_proof), keys()).error() ==
          ScramError::channel_bindings_dont_match);
}

TEST(SaslScram, refuses_what_is_no_client_final_message) {
    for (std::string_view const message :
         {""sv, "c=biws"sv, "c=biws,r=x"sv, ",p="sv, "p=AAAA"sv, "r=x,c=biws,p=AAAA"sv, "c=biws,r=x,p=!!!!"sv})
        CHECK(challenged().finish(message, keys()).error() == ScramError::invalid_encoding);
}

TEST(SaslScram, reads_escaped_names_and_an_authorization_identity) {
    auto const exchange = ScramExchange::read("y,a=b=2Cc,n=x=3Dy=2Cz,r=nonce,e=extension", ScramBinding::none).value();
    CHECK(exchange.username() == "x=y,z");
    CHECK(exchange.authorization_identity() == "b,c");
}

TEST(SaslScram, proves_an_extension_it_ignores) {
    auto exchange = ScramExchange::read("n,,n=user,r=abc,x=1", ScramBinding::none).value();
    exchange.challenge("def", salt(), 4096);
    // The extension is part of what both sides sign, so the proof of the bare conversation does not hold.
    CHECK(exchange.finish(std::format("c=biws,r=abcdef,p={}", client_proof), keys()).error() ==
          ScramError::invalid_proof);
}

TEST(SaslScram, says_why_a_client_first_message_is_refused) {
    CHECK(error_of("p=tls-unique,,n=user,r=x") == ScramError::channel_binding_not_supported);
    CHECK(error_of("n,,m=extension,n=user,r=x") == ScramError::extensions_not_supported);
    CHECK(error_of("n,,n=us=2cer,r=x") == ScramError::invalid_username_encoding);
    CHECK(error_of("n,,n=us=,r=x") == ScramError::invalid_username_encoding);
    CHECK(error_of("n,,n=,r=x") == ScramError::invalid_username_encoding);
    CHECK(error_of("n,,n=\xff,r=x") == ScramError::invalid_username_encoding);
    CHECK(error_of("n,a=,n=user,r=x") == ScramError::invalid_username_encoding);
    for (std::string_view const message : {""sv, "n"sv, "n,"sv, "n,,"sv, "x,,n=user,r=x"sv, "n,b,n=user,r=x"sv,
                                           "n,,r=x,n=user"sv, "n,,n=user"sv, "n,,n=user,r="sv, "n,,n=user,r=a b"sv})
        CHECK(error_of(message) == ScramError::invalid_encoding);
}

// RFC 5802 §6
TEST(SaslScram, binds_to_the_connection) {
    auto exchange = ScramExchange::read("p=tls-exporter,,n=user,r=abc", ScramBinding::chosen).value();
    CHECK(exchange.binding_type() == "tls-exporter");
    auto const first = exchange.challenge("def", salt(), 4096);
    auto const final_for = [&](std::string_view binding) {
        auto const bound = text::base64_encode(std::format("p=tls-exporter,,{}", binding));
        auto const without_proof = std::format("c={},r=abcdef", bound);
        std::string const key = core::hmac_sha256(core::pbkdf2_sha256("pencil", salt(), 4096), "Client Key");
        std::string proof =
            core::hmac_sha256(core::sha256(key), std::format("n=user,r=abc,{},{}", first, without_proof));
        for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ key[i]);
        return std::format("{},p={}", without_proof, text::base64_encode(proof));
    };
    CHECK(exchange.finish(final_for("this connection"), keys(), "this connection").has_value());
    CHECK(exchange.finish(final_for("another"), keys(), "this connection").error() ==
          ScramError::channel_bindings_dont_match);
    CHECK(exchange.finish(final_for(""), keys(), "this connection").error() == ScramError::channel_bindings_dont_match);
}

TEST(SaslScram, notices_that_a_binding_was_talked_away) {
    auto const read = [](std::string_view flag, ScramBinding binding) {
        auto const exchange = ScramExchange::read(std::format("{},,n=user,r=x", flag), binding);
        return exchange ? std::nullopt : std::optional(exchange.error());
    };
    CHECK(!read("n", ScramBinding::none) && !read("y", ScramBinding::none) && !read("n", ScramBinding::declined));
    CHECK(read("y", ScramBinding::declined) == ScramError::server_does_support_channel_binding);
    CHECK(read("p=tls-exporter", ScramBinding::declined) == ScramError::channel_binding_not_supported);
    CHECK(read("n", ScramBinding::chosen) == ScramError::channel_binding_not_supported);
    CHECK(read("y", ScramBinding::chosen) == ScramError::channel_binding_not_supported);
}

TEST(SaslScram, names_errors_as_the_rfc_does) {
    CHECK(server_error_value(ScramError::channel_bindings_dont_match) == "channel-bindings-dont-match");
    CHECK(server_error_value(ScramError::invalid_proof) == "invalid-proof");
}

TEST_GROUP(SaslScramClient){};

TEST(SaslScramClient, holds_the_conversation_of_RFC_7677) {
    auto client = rfc_client();
    CHECK(client.client_first() == client_first);
    auto const last = client.respond(server_first, "pencil");
    CHECK(last == std::format("c=biws,r={},p={}", both_nonces, client_proof));
    CHECK(client.verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").has_value());
}

TEST(SaslScramClient, believes_no_server_that_does_not_know_the_password) {
    auto client = rfc_client();
    CHECK(client.verify("v=").error() == SaslFault::server_not_proven); // before there is anything to sign
    CHECK(client.respond(server_first, "pencil").has_value());
    for (std::string_view const message : {"v="sv, "v=AAAA"sv, "v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="sv})
        CHECK(client.verify(message).error() == SaslFault::server_not_proven);
    for (std::string_view const message : {""sv, "v"sv, "x=6rri"sv, "v=***"sv, "6rriTRBi23WpRR"sv})
        CHECK(client.verify(message).error() == SaslFault::malformed);
    CHECK(client.verify("e=invalid-proof").error() == SaslFault::refused);
    CHECK(client.verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=,x=extension").has_value());
}

TEST(SaslScramClient, refuses_what_is_no_server_first_message) {
    for (std::string const& message :
         {std::string(), std::string("r=x"), std::format("s=W22Z,r={},i=4096", both_nonces),
          std::format("r={},s=W22Z", both_nonces), std::format("r={},s=,i=4096", both_nonces),
          std::format("r={},s=***,i=4096", both_nonces), std::format("m=x,r={},s=W22Z,i=4096", both_nonces),
          std::string("r=rOprNGfwEbeRWgbNEkqO,s=W22Z,i=4096"), // no part of the server's
          std::string("r=another,s=W22Z,i=4096"), std::string("r=rOprNGfwEbeRWgbNEkqO x,s=W22Z,i=4096"),
          std::string("e=other-error")})
        CHECK(rfc_client().respond(message, "pencil").error() == SaslFault::malformed);
}

// RFC 7677 §4
TEST(SaslScramClient, hashes_neither_too_seldom_nor_too_often) {
    for (std::string_view const iterations :
         {"0"sv, "1"sv, "4095"sv, "1000001"sv, "4294967295"sv, "99999999999"sv, "-4096"sv, "4096x"sv})
        CHECK(rfc_client().respond(std::format("r={},s=W22Z,i={}", both_nonces, iterations), "pencil").error() ==
              SaslFault::iterations);
}

// RFC 5802 §5.1
TEST(SaslScramClient, escapes_what_separates_in_a_name) {
    CHECK(ScramClient("n", "", "a=b,c", "nonce").client_first() == "n,,n=a=3Db=2Cc,r=nonce");
    CHECK(ScramExchange::read("n,,n=" + encode_saslname("a=b,c==") + ",r=x", ScramBinding::none)->username() ==
          "a=b,c==");
}

TEST(SaslScramClient, and_our_server_understand_each_other) {
    auto const holds = [](std::string_view flag, std::string const& bound, ScramBinding binding) {
        ScramClient client(flag, bound, "user", "abc");
        auto server = ScramExchange::read(client.client_first(), binding).value();
        auto const proof = client.respond(server.challenge("def", salt(), 4096), "pencil").value();
        auto const signature = server.finish(proof, keys(), binding == ScramBinding::chosen ? "this connection" : "");
        return signature && client.verify(*signature).has_value();
    };
    CHECK(holds("n", "", ScramBinding::none));
    CHECK(holds("y", "", ScramBinding::none));
    CHECK(holds("p=tls-exporter", "this connection", ScramBinding::chosen));
    CHECK_FALSE(holds("p=tls-exporter", "another connection", ScramBinding::chosen));
}

} // namespace sasl_scram_test
