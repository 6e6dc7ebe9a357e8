#include "office/login.h"

#include "core/crypto.h"
#include "core/log.h"
#include "store/accounts.h"
#include "text/ascii.h"
#include "text/base64.h"
#include "text/utf8.h"
#include "wire/sasl_plain.h"
#include "wire/sasl_scram.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <format>

namespace postern::office {

namespace {

using Reason = SaslFailure::Reason;

// One try to log in, as the log and the throttle see it.
struct Claim {
    std::string_view mechanism;
    std::string peer_address;
    std::string login;      // canonical: lower case, without the office's domain
    bool authorized = true; // who it wants to act as (authzid) is who it is
    std::shared_ptr<store::Upstream const> upstream{};
};

Claim make_claim(Office const& office, std::string_view mechanism, LoginConnection const& connection,
                 std::string_view login, std::string_view authorization_identity) {
    Claim claim{mechanism, connection.peer_address, canonical_login(login, office.domain), true, connection.upstream};
    claim.authorized =
        authorization_identity.empty() || canonical_login(authorization_identity, office.domain) == claim.login;
    return claim;
}

// What a claim is checked against. A login that does not exist gets a verifier that no password fits, the same at each
// try, so that everything after this runs alike for both.
struct Candidate {
    std::optional<store::Account> account;
    store::ScramVerifier verifier;
    std::uint64_t as_of = 0; // SignIns::ends()
};

store::ScramVerifier make_decoy(Office const& office, std::string_view login) {
    auto const derive = [&](std::string_view purpose) {
        return core::hmac_sha256(office.decoy_key.reveal(), std::format("{}:{}", purpose, login));
    };
    return {derive("salt").substr(0, scram_salt_octets),
            static_cast<std::uint32_t>(office.settings->count("login.iterations")), derive("stored"), derive("server")};
}

asio::awaitable<store::Result<Candidate>> find_candidate(Office& office, Claim const& claim) {
    std::string login = claim.login;
    store::ScramVerifier decoy = make_decoy(office, login);
    std::uint64_t const as_of = office.sign_ins.ends();
    if (auto const& upstream = claim.upstream) {
        if (login != upstream->login || upstream->verifier.iterations == 0)
            co_return Candidate{std::nullopt, std::move(decoy), as_of};
        store::Account nobody;
        nobody.login = login;
        co_return Candidate{std::move(nobody), upstream->verifier, as_of};
    }
    auto account = co_await office.storage.read(
        [login = std::move(login)](store::ReadTransaction const& transaction)
            -> store::Result<std::optional<store::Account>> { return store::find_account(transaction, login); });
    if (!account) co_return std::unexpected(account.error());
    store::ScramVerifier verifier = *account ? (*account)->verifier : std::move(decoy);
    co_return Candidate{std::move(*account), std::move(verifier), as_of};
}

constexpr std::size_t longest_logged = 64;

SaslFailure refuse(Claim const& claim, Reason reason, std::string_view why) {
    core::log(core::Event::login_refused, {{"login", std::string_view(claim.login).substr(0, longest_logged)},
                                           {"address", claim.peer_address},
                                           {"mechanism", claim.mechanism},
                                           {"reason", why}});
    return {reason};
}

// Passwords that changed since may have been this one, whose sessions are gone then.
bool is_outdated(Office& office, Claim const& claim, Candidate const& candidate) {
    if (claim.upstream || candidate.as_of == office.sign_ins.ends()) return false;
    auto const now = office.storage.read_here(
        [&](store::ReadTransaction const& transaction) -> store::Result<std::optional<store::Account>> {
            return store::find_account(transaction, claim.login);
        });
    return !now || !*now || (*now)->verifier.salt != candidate.verifier.salt ||
           (*now)->verifier.stored_key != candidate.verifier.stored_key;
}

SaslStep accept(Office& office, Claim const& claim, Candidate const& candidate) {
    if (is_outdated(office, claim, candidate))
        return refuse(claim, Reason::unavailable, "the password changed just now");
    store::Account const& account = *candidate.account;
    core::log(core::Event::login_accepted,
              {{"login", account.login}, {"address", claim.peer_address}, {"mechanism", claim.mechanism}});
    return Identity{account.id, account.login, account.administrator};
}

// The answer to a wrong proof, when it is due; a daemon that stops waits for none.
asio::awaitable<SaslFailure> refuse_late(Office& office, LoginThrottle::Attempt& attempt, Claim const& claim,
                                         std::string_view why) {
    using namespace asio::experimental::awaitable_operators;
    SaslFailure const failure = refuse(claim, Reason::credentials, why);
    asio::steady_timer due(co_await asio::this_coro::executor, attempt.failed(office.clock.steady()));
    co_await (due.async_wait(asio::as_tuple(asio::use_awaitable)) || office.stop.wait());
    co_return failure;
}

asio::awaitable<SaslStep> check_password(Office& office, Claim claim, core::Secret password) {
    auto const candidate = co_await find_candidate(office, claim);
    if (!candidate) co_return refuse(claim, Reason::unavailable, store::describe(candidate.error()));
    store::ScramVerifier const& verifier = candidate->verifier;
    // What cannot be prepared is hashed as an empty password, which is nobody's.
    core::Secret const prepared = wire::prepare_password(password.reveal()).value_or(core::Secret{});
    if (claim.authorized && candidate->account && office.logins.knows(verifier, prepared))
        co_return accept(office, claim, *candidate);

    LoginThrottle::Attempt attempt(office.throttle, claim.peer_address);
    co_await attempt.turn();
    // Somebody ahead in line may have brought the same password.
    bool right = office.logins.knows(verifier, prepared);
    if (!right) {
        right = co_await office.storage.compute([verifier, password = prepared.clone()] {
            auto const keys = wire::derive_scram_keys(password.reveal(), verifier.salt, verifier.iterations);
            return core::equal_in_constant_time(keys.stored_key, verifier.stored_key);
        });
    }
    if (!right || !claim.authorized || !candidate->account)
        co_return co_await refuse_late(office, attempt, claim, "wrong login or password");
    office.logins.remember(verifier, prepared);
    co_return accept(office, claim, *candidate);
}

// RFC 4616
class PlainExchange final : public SaslExchange {
public:
    PlainExchange(Office& office, LoginConnection connection) : office_(office), connection_(std::move(connection)) {}

    asio::awaitable<SaslStep> step(std::optional<std::string> response) override {
        if (!response) co_return SaslChallenge{};
        auto message = wire::parse_plain_message(*response);
        core::wipe(*response);
        Claim claim = make_claim(office_, "PLAIN", connection_, message ? message->authentication_identity : "",
                                 message ? message->authorization_identity : "");
        if (!message) co_return refuse(claim, Reason::malformed, "not a PLAIN message");
        co_return co_await check_password(office_, std::move(claim), std::move(message->password));
    }

private:
    Office& office_;
    LoginConnection connection_;
};

class LoginExchange final : public SaslExchange {
public:
    LoginExchange(Office& office, LoginConnection connection) : office_(office), connection_(std::move(connection)) {}

    asio::awaitable<SaslStep> step(std::optional<std::string> response) override {
        if (!response) co_return SaslChallenge{std::string(wire::login_prompt)};
        if (!login_) {
            login_ = std::move(*response);
            co_return SaslChallenge{std::string(wire::password_prompt)};
        }
        co_return co_await check_password(office_, make_claim(office_, "LOGIN", connection_, *login_, ""),
                                          core::Secret(std::move(*response)));
    }

private:
    Office& office_;
    LoginConnection connection_;
    std::optional<std::string> login_;
};

// RFC 5802 §5 and, where it binds, §6
class ScramServer final : public SaslExchange {
public:
    ScramServer(Office& office, LoginConnection connection, bool binds)
        : office_(office), connection_(std::move(connection)), binds_(binds) {
        claim_.mechanism = binds ? "SCRAM-SHA-256-PLUS" : "SCRAM-SHA-256";
        claim_.peer_address = connection_.peer_address;
    }

    asio::awaitable<SaslStep> step(std::optional<std::string> response) override {
        if (!response) co_return SaslChallenge{};
        if (!exchange_) co_return co_await client_first(std::move(*response));
        if (!proven_) co_return co_await client_final(std::move(*response));
        if (!response->empty()) co_return refuse(claim_, Reason::malformed, "octets after the client-final-message");
        co_return accept(office_, claim_, candidate_);
    }

private:
    asio::awaitable<SaslStep> client_first(std::string message) {
        using wire::ScramBinding;
        auto const binding = binds_                         ? ScramBinding::chosen
                             : connection_.bindings.empty() ? ScramBinding::none
                                                            : ScramBinding::declined;
        auto exchange = wire::ScramExchange::read(message, binding);
        if (!exchange) co_return refuse_message(exchange.error());
        auto const bound =
            std::ranges::find(connection_.bindings, exchange->binding_type(), &net::ChannelBinding::type);
        if (binds_ && bound == connection_.bindings.end())
            co_return refuse_message(wire::ScramError::unsupported_channel_binding_type);
        if (binds_) binding_ = bound->octets;
        claim_ = make_claim(office_, claim_.mechanism, connection_, exchange->username(),
                            exchange->authorization_identity());
        auto candidate = co_await find_candidate(office_, claim_);
        if (!candidate) co_return refuse(claim_, Reason::unavailable, store::describe(candidate.error()));
        candidate_ = std::move(*candidate);
        exchange_ = std::move(*exchange);
        constexpr std::size_t nonce_octets = 18;
        co_return SaslChallenge{exchange_->challenge(text::base64_encode(office_.random.bytes(nonce_octets)),
                                                     candidate_.verifier.salt, candidate_.verifier.iterations)};
    }

    asio::awaitable<SaslStep> client_final(std::string message) {
        LoginThrottle::Attempt attempt(office_.throttle, claim_.peer_address);
        co_await attempt.turn();
        auto const signature =
            exchange_->finish(message, {candidate_.verifier.stored_key, candidate_.verifier.server_key}, binding_);
        if (!signature && signature.error() != wire::ScramError::invalid_proof)
            co_return refuse_message(signature.error());
        if (!signature || !claim_.authorized || !candidate_.account)
            co_return co_await refuse_late(office_, attempt, claim_, "wrong login or password");
        proven_ = true;
        co_return SaslChallenge{*signature};
    }

    SaslFailure refuse_message(wire::ScramError error) {
        return refuse(claim_, Reason::malformed, wire::server_error_value(error));
    }

    Office& office_;
    LoginConnection connection_;
    bool binds_;
    std::string binding_; // the one that the client chose
    Claim claim_;
    Candidate candidate_;
    std::optional<wire::ScramExchange> exchange_;
    bool proven_ = false;
};

// RFC 4422 appendix A, by the certificate that the client showed when TLS began.
class ExternalExchange final : public SaslExchange {
public:
    ExternalExchange(Office& office, LoginConnection connection)
        : office_(office), connection_(std::move(connection)) {}

    asio::awaitable<SaslStep> step(std::optional<std::string> response) override {
        if (!response) co_return SaslChallenge{};
        Claim const claim =
            make_claim(office_, "EXTERNAL", connection_, connection_.certificate->mail_address, *response);
        if (response->contains('\0') || !text::is_utf8(*response))
            co_return refuse(claim, Reason::malformed, "not an EXTERNAL message");
        auto const candidate = co_await find_candidate(office_, claim);
        if (!candidate) co_return refuse(claim, Reason::unavailable, store::describe(candidate.error()));
        std::string const& serial = connection_.certificate->serial;
        if (!candidate->account || serial.empty() || candidate->account->certificate != serial)
            co_return refuse(claim, Reason::credentials, "the certificate is not the account's any more");
        if (!claim.authorized) co_return refuse(claim, Reason::credentials, "the certificate is another account's");
        co_return accept(office_, claim, *candidate);
    }

private:
    Office& office_;
    LoginConnection connection_;
};

template <typename Exchange, auto... more>
std::unique_ptr<SaslExchange> make(Office& office, LoginConnection connection) {
    return std::make_unique<Exchange>(office, std::move(connection), more...);
}

bool anywhere(LoginConnection const&) { return true; }
bool with_certificate(LoginConnection const& connection) { return connection.certificate.has_value(); }
bool where_it_binds(LoginConnection const& connection) { return !connection.bindings.empty(); }
// The password itself crosses the network.
bool in_confidence(LoginConnection const& connection) { return connection.confidential; }

// In the order of preference.
struct Mechanism {
    std::string_view name;
    bool (*is_offered)(LoginConnection const&);
    std::unique_ptr<SaslExchange> (*begin)(Office&, LoginConnection);
};
constexpr Mechanism mechanisms[] = {
    {"EXTERNAL", with_certificate, make<ExternalExchange>},
    {"SCRAM-SHA-256-PLUS", where_it_binds, make<ScramServer, true>},
    {"SCRAM-SHA-256", anywhere, make<ScramServer, false>},
    {"PLAIN", in_confidence, make<PlainExchange>},
    {"LOGIN", in_confidence, make<LoginExchange>},
};

} // namespace

std::string canonical_login(std::string_view given, std::string_view office_domain) {
    std::string login = text::lower(given);
    auto const at = login.rfind('@');
    if (at != std::string::npos && std::string_view(login).substr(at + 1) == office_domain) login.resize(at);
    return login;
}

LoginConnection LoginConnection::of(net::Connection const& connection, bool confidential) {
    return {connection.endpoints().peer_address, confidential, connection.channel_bindings(),
            connection.peer_certificate()};
}

std::vector<std::string_view> sasl_mechanisms(LoginConnection const& connection) {
    std::vector<std::string_view> names;
    for (Mechanism const& mechanism : mechanisms)
        if (mechanism.is_offered(connection)) names.push_back(mechanism.name);
    return names;
}

std::unique_ptr<SaslExchange> SaslExchange::begin(Office& office, std::string_view mechanism,
                                                  LoginConnection connection) {
    auto const row = std::ranges::find_if(
        mechanisms, [&](Mechanism const& candidate) { return text::iequals(candidate.name, mechanism); });
    if (row == std::end(mechanisms) || !row->is_offered(connection)) return nullptr;
    return row->begin(office, std::move(connection));
}

asio::awaitable<SaslStep> log_in(Office& office, std::string login, core::Secret password, std::string peer_address) {
    co_return co_await check_password(
        office, make_claim(office, "login", {.peer_address = std::move(peer_address), .bindings = {}}, login, ""),
        std::move(password));
}

std::optional<store::ScramVerifier> make_verifier(core::Secret const& password, std::string salt,
                                                  std::uint32_t iterations) {
    auto const prepared = wire::prepare_password(password.reveal());
    if (!prepared) return std::nullopt;
    auto keys = wire::derive_scram_keys(prepared->reveal(), salt, iterations);
    return store::ScramVerifier{std::move(salt), iterations, std::move(keys.stored_key), std::move(keys.server_key)};
}

} // namespace postern::office
