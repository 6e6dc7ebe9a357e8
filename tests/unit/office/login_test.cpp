#include "core/crypto.h"
#include "core/log.h"
#include "office/login.h"
#include "store/accounts.h"
#include "support/office_fixture.h"
#include "text/base64.h"
#include "wire/sasl_scram.h"

#include <boost/asio/co_spawn.hpp>

#include <CppUTest/TestHarness.h>

#include <format>
#include <string>
#include <vector>

using namespace postern;
using namespace postern::office;
using namespace std::string_literals;

namespace {

constexpr std::string_view client_address = "192.168.1.20";

bool is_alice(SaslStep const& step) {
    auto const* identity = std::get_if<Identity>(&step);
    return identity != nullptr && identity->login == "alice" && identity->administrator;
}

bool failed_for(SaslStep const& step, SaslFailure::Reason reason) {
    auto const* failure = std::get_if<SaslFailure>(&step);
    return failure != nullptr && failure->reason == reason;
}

std::string challenge_of(SaslStep const& step) { return std::get<SaslChallenge>(step).octets; }

// What a client answers to a server-first-message (RFC 5802 §3).
std::string client_final(std::string_view bare, std::string const& server_first, std::string_view password,
                         std::string_view bound = "n,,") {
    auto const value = [&](std::string_view name) {
        auto const begin = server_first.find(name) + name.size();
        return server_first.substr(begin, server_first.find(',', begin) - begin);
    };
    std::string const salted = core::pbkdf2_sha256(password, text::base64_decode(value(",s=")).value(),
                                                   static_cast<std::uint32_t>(std::stoul(value(",i="))));
    std::string const client_key = core::hmac_sha256(salted, "Client Key");
    std::string const without_proof = std::format("c={},r={}", text::base64_encode(bound), value("r="));
    std::string proof =
        core::hmac_sha256(core::sha256(client_key), std::format("{},{},{}", bare, server_first, without_proof));
    for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ client_key[i]);
    return without_proof + ",p=" + text::base64_encode(proof);
}

} // namespace

TEST_GROUP(Login) {
    test::OfficeFixture fixture;

    void setup() override { core::set_log_level(core::Level::error); }

    template <typename T> T await(asio::awaitable<T> work) {
        std::optional<T> result;
        asio::co_spawn(fixture.io, std::move(work), [&](std::exception_ptr fault, T value) {
            if (fault) std::rethrow_exception(fault);
            result.emplace(std::move(value));
        });
        fixture.io.restart();
        fixture.io.run();
        return std::move(result.value());
    }
    SaslStep log_in_as(std::string login, std::string_view password) {
        return await(log_in(fixture.office, std::move(login), core::Secret(password), new_address()));
    }
    std::unique_ptr<SaslExchange> begin(std::string_view mechanism) {
        return SaslExchange::begin(fixture.office, mechanism, {new_address(), true, bindings, certificate});
    }
    // Each failure slows its address down; a test that is not about that comes from a new one each time.
    std::string new_address() { return std::format("192.168.1.{}", ++addresses); }
    unsigned addresses = 0;
    std::vector<net::ChannelBinding> bindings; // of the connection
    std::optional<net::PeerCertificate> certificate;

    void give_certificate(store::AccountId account, std::string serial) {
        fixture.store()
            .write_here([&](store::WriteTransaction& transaction) {
                return store::set_certificate(transaction, account, serial);
            })
            .value();
    }

    // Answers `responses` one after the other; gives the last step.
    SaslStep converse(std::string_view mechanism, std::vector<std::optional<std::string>> responses) {
        auto const exchange = begin(mechanism);
        SaslStep last;
        for (auto& response : responses) last = await(exchange->step(std::move(response)));
        return last;
    }
};

TEST(Login, accepts_the_right_password) {
    CHECK(is_alice(log_in_as("alice", "secret-alice")));
    CHECK(is_alice(log_in_as("alice", "secret-alice"))); // remembered
}

TEST(Login, takes_a_login_in_any_case_and_with_the_domain) {
    CHECK(is_alice(log_in_as("ALICE", "secret-alice")));
    CHECK(is_alice(log_in_as("Alice@Office.LAN", "secret-alice")));
    CHECK(failed_for(log_in_as("alice@example.com", "secret-alice"), SaslFailure::Reason::credentials));
    CHECK(failed_for(log_in_as("alice+news", "secret-alice"), SaslFailure::Reason::credentials));
}

TEST(Login, prepares_the_password) {
    CHECK(is_alice(log_in_as("alice", "secret\xC2\xAD-alice"))); // RFC 4013: a soft hyphen counts for nothing
}

TEST(Login, refuses_wrong_and_strange_passwords_and_logins_alike) {
    for (std::string const& password : {"secret-bob"s, ""s, "\xff"s, "Secret-alice"s, "secret-alice\0"s, "\x07"s})
        CHECK(failed_for(log_in_as("alice", password), SaslFailure::Reason::credentials));
}

TEST(Login, refuses_logins_that_do_not_exist_as_wrong_passwords) {
    for (std::string const& login : {"carol"s, ""s, "@office.lan"s, std::string(100'000, 'x'), "\xff"s, "a\0b"s})
        CHECK(failed_for(log_in_as(login, "secret-alice"), SaslFailure::Reason::credentials));
}

TEST(Login, forgets_the_old_password_as_soon_as_it_is_changed) {
    CHECK(is_alice(log_in_as("alice", "secret-alice")));
    auto const verifier = make_verifier(core::Secret("another"s), std::string(scram_salt_octets, 's'), 4096);
    auto const changed = fixture.store().write_here([&](store::WriteTransaction& transaction) {
        return store::set_verifier(transaction, fixture.alice, *verifier);
    });
    CHECK(changed.has_value());
    CHECK(failed_for(log_in_as("alice", "secret-alice"), SaslFailure::Reason::credentials));
    CHECK(is_alice(log_in_as("alice", "another")));
}

// Whose proof began with the old one would be signed in after all that it signed in was ended.
TEST(Login, what_was_proved_while_the_password_changes_is_to_be_tried_again) {
    for (bool const changes : {false, true}) {
        auto exchange = begin("SCRAM-SHA-256");
        std::string const bare = "n=alice,r=nonce";
        auto const server_first = challenge_of(await(exchange->step("n,," + bare)));
        (void)challenge_of(await(exchange->step(client_final(bare, server_first, "secret-alice"))));
        if (changes) {
            auto const verifier = make_verifier(core::Secret("another"s), std::string(scram_salt_octets, 's'), 4096);
            CHECK(fixture.store()
                      .write_here([&](store::WriteTransaction& transaction) {
                          return store::set_verifier(transaction, fixture.alice, *verifier);
                      })
                      .has_value());
        }
        fixture.office.sign_ins.end(changes ? fixture.alice : fixture.bob);
        auto const last = await(exchange->step(""));
        CHECK(changes ? failed_for(last, SaslFailure::Reason::unavailable) : is_alice(last));
    }
}

TEST(Login, makes_no_verifier_of_a_password_that_cannot_be) {
    CHECK_FALSE(make_verifier(core::Secret(""s), "salt", 4096).has_value());
    CHECK_FALSE(make_verifier(core::Secret("a\x07"s), "salt", 4096).has_value());
}

TEST(Login, offers_what_carries_the_password_only_where_it_is_safe) {
    auto const offered = [](bool confidential, std::vector<net::ChannelBinding> given) {
        return sasl_mechanisms({std::string(client_address), confidential, std::move(given)});
    };
    using Names = std::vector<std::string_view>;
    CHECK(offered(true, {}) == (Names{"SCRAM-SHA-256", "PLAIN", "LOGIN"}));
    CHECK(offered(false, {}) == (Names{"SCRAM-SHA-256"}));
    CHECK(offered(true, {{"tls-exporter", "x"}}) == (Names{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN"}));
    CHECK(SaslExchange::begin(fixture.office, "PLAIN", {std::string(client_address), false, {}}) == nullptr);
    CHECK(SaslExchange::begin(fixture.office, "SCRAM-SHA-256", {std::string(client_address), false, {}}) != nullptr);
    CHECK(begin("plain") != nullptr);
    CHECK(begin("CRAM-MD5") == nullptr);
    CHECK(begin("SCRAM-SHA-256-PLUS") == nullptr);
}

TEST(Login, holds_a_PLAIN_exchange_with_and_without_initial_response) {
    CHECK(is_alice(converse("PLAIN", {"\0alice\0secret-alice"s})));
    CHECK(challenge_of(converse("PLAIN", {std::nullopt})).empty());
    CHECK(is_alice(converse("PLAIN", {std::nullopt, "\0alice\0secret-alice"s})));
    CHECK(failed_for(converse("PLAIN", {"\0alice\0secret-bob"s}), SaslFailure::Reason::credentials));
    CHECK(failed_for(converse("PLAIN", {"alice secret-alice"s}), SaslFailure::Reason::malformed));
}

TEST(Login, lets_nobody_act_as_somebody_else) {
    CHECK(is_alice(converse("PLAIN", {"Alice@office.lan\0alice\0secret-alice"s})));
    CHECK(failed_for(converse("PLAIN", {"bob\0alice\0secret-alice"s}), SaslFailure::Reason::credentials));
    CHECK(is_alice(log_in_as("alice", "secret-alice"))); // now remembered
    CHECK(failed_for(converse("PLAIN", {"bob\0alice\0secret-alice"s}), SaslFailure::Reason::credentials));
}

// RFC 4422 appendix A.
TEST(Login, takes_the_certificate_that_the_client_showed) {
    CHECK(begin("EXTERNAL") == nullptr);
    certificate = {"serial", "alice@office.lan"};
    CHECK(sasl_mechanisms({std::string(client_address), true, {}, certificate}).front() == "EXTERNAL");
    CHECK(failed_for(converse("EXTERNAL", {""}), SaslFailure::Reason::credentials));
    give_certificate(fixture.alice, "serial");
    CHECK(is_alice(converse("EXTERNAL", {""})));
    CHECK(challenge_of(converse("EXTERNAL", {std::nullopt})).empty());
    CHECK(is_alice(converse("EXTERNAL", {std::nullopt, ""})));
    for (std::string const& self : {"alice"s, "Alice@Office.lan"s}) CHECK(is_alice(converse("EXTERNAL", {self})));
    for (std::string const& other : {"bob"s, "alice@example.com"s, "alic"s})
        CHECK(failed_for(converse("EXTERNAL", {other}), SaslFailure::Reason::credentials));
    for (std::string const& wrong : {"\xff"s, "alice\0"s})
        CHECK(failed_for(converse("EXTERNAL", {wrong}), SaslFailure::Reason::malformed));
}

TEST(Login, takes_no_certificate_but_the_accounts_last_one) {
    give_certificate(fixture.alice, "old");
    give_certificate(fixture.alice, "new");
    for (auto const& [serial, mail_address] :
         {std::pair("old", "alice@office.lan"), std::pair("", "alice@office.lan"), std::pair("new", "bob@office.lan"),
          std::pair("", "bob@office.lan"), std::pair("new", ""), std::pair("", "carol@office.lan"),
          std::pair("new", "alice@example.com")}) {
        certificate = {serial, mail_address};
        CHECK(failed_for(converse("EXTERNAL", {""}), SaslFailure::Reason::credentials));
    }
    certificate = {"new", "alice@office.lan"};
    CHECK(is_alice(converse("EXTERNAL", {""})));
    give_certificate(fixture.alice, "");
    CHECK(failed_for(converse("EXTERNAL", {""}), SaslFailure::Reason::credentials));
}

TEST(Login, holds_a_LOGIN_exchange) {
    CHECK(challenge_of(converse("LOGIN", {std::nullopt})) == "Username:");
    CHECK(challenge_of(converse("LOGIN", {std::nullopt, "alice"s})) == "Password:");
    CHECK(is_alice(converse("LOGIN", {std::nullopt, "alice"s, "secret-alice"s})));
    CHECK(is_alice(converse("LOGIN", {"alice"s, "secret-alice"s})));
    CHECK(failed_for(converse("LOGIN", {"alice"s, "secret-bob"s}), SaslFailure::Reason::credentials));
}

TEST(Login, holds_a_SCRAM_exchange) {
    auto const exchange = begin("SCRAM-SHA-256");
    std::string const bare = "n=Alice,r=client";
    auto const first = challenge_of(await(exchange->step("n,," + bare)));
    CHECK(first.starts_with("r=client"));
    auto const last = challenge_of(await(exchange->step(client_final(bare, first, "secret-alice"))));
    CHECK(last.starts_with("v="));
    CHECK(is_alice(await(exchange->step(""s))));
}

TEST(Login, binds_a_SCRAM_exchange_to_its_connection) {
    bindings = {{"tls-exporter", "ours"}, {"tls-server-end-point", "certificate"}};
    for (auto const& [type, octets, works] : {std::tuple{"tls-exporter"s, "ours"s, true},
                                              {"tls-server-end-point"s, "certificate"s, true},
                                              {"tls-exporter"s, "theirs"s, false}}) {
        auto const exchange = begin("SCRAM-SHA-256-PLUS");
        std::string const header = std::format("p={},,", type), bare = "n=alice,r=client";
        auto const first = challenge_of(await(exchange->step(header + bare)));
        auto const step = await(exchange->step(client_final(bare, first, "secret-alice", header + octets)));
        CHECK_EQUAL(works, std::holds_alternative<SaslChallenge>(step));
        if (works) CHECK(is_alice(await(exchange->step(""s))));
    }
    CHECK(failed_for(converse("SCRAM-SHA-256-PLUS", {"p=tls-unique,,n=alice,r=c"s}), SaslFailure::Reason::malformed));
    CHECK(failed_for(converse("SCRAM-SHA-256", {"y,,n=alice,r=c"s}), SaslFailure::Reason::malformed));
    CHECK(!challenge_of(converse("SCRAM-SHA-256", {"n,,n=alice,r=c"s})).empty());
}

TEST(Login, refuses_a_wrong_SCRAM_proof_and_a_foreign_identity) {
    for (auto const& [header, bare, password] :
         {std::tuple{"n,,"s, "n=alice,r=client"s, "secret-bob"s}, {"n,,"s, "n=carol,r=client"s, "secret-alice"s}}) {
        auto const exchange = begin("SCRAM-SHA-256");
        auto const first = challenge_of(await(exchange->step(header + bare)));
        CHECK(failed_for(await(exchange->step(client_final(bare, first, password))), SaslFailure::Reason::credentials));
    }
    CHECK(failed_for(converse("SCRAM-SHA-256", {"n,,m=x,n=alice,r=c"s}), SaslFailure::Reason::malformed));
    CHECK(failed_for(converse("SCRAM-SHA-256", {"n,,n=alice,r=c"s, "nonsense"s}), SaslFailure::Reason::malformed));
}

TEST(Login, asks_for_an_answer_to_the_last_SCRAM_challenge_and_for_an_empty_one) {
    auto const exchange = begin("SCRAM-SHA-256");
    auto const first = challenge_of(await(exchange->step("n,,n=alice,r=client"s)));
    (void)await(exchange->step(client_final("n=alice,r=client", first, "secret-alice")));
    CHECK(failed_for(await(exchange->step("more"s)), SaslFailure::Reason::malformed));
}

TEST(Login, shows_a_login_that_does_not_exist_the_same_salt_at_each_try_and_as_many_iterations) {
    CHECK(fixture.set("login.iterations", "4096").has_value());
    auto const salt_and_iterations = [&](std::string const& login) {
        auto const first = challenge_of(converse("SCRAM-SHA-256", {std::format("n,,n={},r=c", login)}));
        return first.substr(first.find(",s="));
    };
    std::string const carol = salt_and_iterations("carol");
    CHECK(carol == salt_and_iterations("Carol@office.lan"));
    CHECK(carol != salt_and_iterations("dave"));
    std::string const alice = salt_and_iterations("alice");
    CHECK(carol.size() == alice.size());
    CHECK(carol.ends_with(",i=4096"));
    CHECK(alice.ends_with(",i=4096"));
}

TEST(Login, answers_at_once_when_the_daemon_stops) {
    fixture.stop.raise();
    // Without the stop, the last of these would be told only after ten seconds.
    for (int i = 0; i < 12; ++i) CHECK(failed_for(log_in_as("alice", "wrong"), SaslFailure::Reason::credentials));
}

TEST(Login, checks_many_at_once) {
    unsigned accepted = 0;
    for (int i = 0; i < 50; ++i)
        asio::co_spawn(fixture.io,
                       log_in(fixture.office, "alice", core::Secret("secret-alice"s), std::string(client_address)),
                       [&](std::exception_ptr, SaslStep step) { accepted += is_alice(step) ? 1 : 0; });
    fixture.io.run();
    CHECK(accepted == 50);
    CHECK(fixture.office.throttle.addresses() == 0);
}
