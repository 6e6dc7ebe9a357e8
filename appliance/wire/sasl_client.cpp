#include "wire/sasl_client.h"

#include "text/ascii.h"
#include "text/saslprep.h"
#include "wire/sasl_plain.h"
#include "wire/sasl_scram.h"

#include <algorithm>
#include <format>
#include <utility>

namespace postern::wire {

namespace {

using SaslResponse = std::expected<core::Secret, SaslFault>;

// What a mechanism is chosen by and begins with.
struct SaslChoice {
    SaslCredentials credentials;
    SaslConnection connection;
    std::string_view nonce;
};

// RFC 4616
class PlainClient final : public SaslClient {
public:
    PlainClient(std::string_view mechanism, SaslChoice choice)
        : SaslClient(mechanism), credentials_(std::move(choice.credentials)) {}

    [[nodiscard]] bool complete() const override { return begun(); }

private:
    // §2: message = [authzid] UTF8NUL authcid UTF8NUL passwd
    std::optional<core::Secret> first() override {
        return core::Secret(std::format("{0}{1}{0}{2}", '\0', credentials_.login, credentials_.secret.reveal()));
    }
    SaslResponse next(std::string_view) override { return std::unexpected(SaslFault::malformed); }

    SaslCredentials credentials_;
};

// Servers word their prompts as they like; login and password are asked for in this order by all.
class LoginClient final : public SaslClient {
public:
    LoginClient(std::string_view mechanism, SaslChoice choice)
        : SaslClient(mechanism), credentials_(std::move(choice.credentials)) {}

    [[nodiscard]] bool complete() const override { return step_ == Step::done; }

private:
    enum class Step : std::uint8_t { login, password, done };

    std::optional<core::Secret> first() override { return std::nullopt; }
    SaslResponse next(std::string_view) override {
        switch (step_) {
        case Step::login: step_ = Step::password; return core::Secret(credentials_.login);
        case Step::password: step_ = Step::done; return std::move(credentials_.secret);
        case Step::done: break;
        }
        return std::unexpected(SaslFault::malformed);
    }

    SaslCredentials credentials_;
    Step step_ = Step::login;
};

// OAUTHBEARER and XOAUTH2: a server that refuses the token says why in a challenge, and refuses the login once that is
// answered.
class TokenClient final : public SaslClient {
public:
    TokenClient(std::string_view mechanism, std::string message, std::string_view answer_to_refusal)
        : SaslClient(mechanism), message_(std::move(message)), answer_to_refusal_(answer_to_refusal) {}

    [[nodiscard]] bool complete() const override { return begun() && !refused_; }

private:
    std::optional<core::Secret> first() override { return std::move(message_); }
    SaslResponse next(std::string_view) override {
        if (refused_) return std::unexpected(SaslFault::refused);
        refused_ = true;
        return core::Secret(answer_to_refusal_);
    }

    core::Secret message_;
    std::string_view answer_to_refusal_;
    bool refused_ = false;
};

// RFC 5802 §5
class ScramLogin final : public SaslClient {
public:
    ScramLogin(std::string_view mechanism, std::string_view gs2_cbind_flag, std::string binding,
               SaslChoice const& choice)
        : SaslClient(mechanism),
          exchange_(gs2_cbind_flag, std::move(binding), text::saslprep(choice.credentials.login).value(), choice.nonce),
          password_(prepare_password(choice.credentials.secret.reveal()).value()) {}

    [[nodiscard]] bool complete() const override { return step_ == Step::proven; }

private:
    enum class Step : std::uint8_t { client_first, client_final, proven, failed };

    std::optional<core::Secret> first() override { return core::Secret(exchange_.client_first()); }
    SaslResponse next(std::string_view challenge) override {
        switch (std::exchange(step_, Step::failed)) {
        case Step::client_first: {
            auto response = exchange_.respond(challenge, password_.reveal());
            password_ = {};
            if (!response) return std::unexpected(response.error());
            step_ = Step::client_final;
            return core::Secret(std::move(*response));
        }
        case Step::client_final: {
            if (auto const verified = exchange_.verify(challenge); !verified) return std::unexpected(verified.error());
            step_ = Step::proven;
            return core::Secret();
        }
        case Step::proven:
        case Step::failed: break;
        }
        return std::unexpected(SaslFault::malformed);
    }

    ScramClient exchange_;
    core::Secret password_;
    Step step_ = Step::client_first;
};

bool is_password(SaslChoice const& choice) { return choice.credentials.kind == SaslCredentials::Kind::password; }
bool binds(SaslChoice const& choice) { return !choice.connection.binding_type.empty(); }

// RFC 5802 §2.2, §5.1: login and password are prepared, and what cannot be is not for SCRAM.
bool fits_scram(SaslChoice const& choice) {
    auto const login = text::saslprep(choice.credentials.login);
    return is_password(choice) && login && !login->empty() && prepare_password(choice.credentials.secret.reveal());
}
bool fits_scram_plus(SaslChoice const& choice) { return fits_scram(choice) && binds(choice); }
bool fits_login(SaslChoice const& choice) { return is_password(choice) && choice.connection.confidential; }
// What separates the parts of these mechanisms' messages may not be in one.
bool fits_plain(SaslChoice const& choice) {
    return fits_login(choice) && !choice.credentials.login.contains('\0') &&
           !choice.credentials.secret.reveal().contains('\0');
}
bool fits_token(SaslChoice const& choice) {
    return !is_password(choice) && choice.connection.confidential &&
           std::ranges::none_of(choice.credentials.login, text::is_control) &&
           std::ranges::none_of(choice.credentials.secret.reveal(), text::is_control);
}

template <typename Client> std::unique_ptr<SaslClient> begin_with(std::string_view mechanism, SaslChoice choice) {
    return std::make_unique<Client>(mechanism, std::move(choice));
}

std::unique_ptr<SaslClient> begin_scram(std::string_view mechanism, SaslChoice choice) {
    // RFC 5802 §6: the client could bind, and saw no -PLUS on offer; "y" has a server notice if somebody took it out.
    return std::make_unique<ScramLogin>(mechanism, binds(choice) ? "y" : "n", "", choice);
}

std::unique_ptr<SaslClient> begin_scram_plus(std::string_view mechanism, SaslChoice choice) {
    return std::make_unique<ScramLogin>(mechanism, "p=" + choice.connection.binding_type, choice.connection.binding,
                                        choice);
}

// RFC 7628 §3.1: client-resp = (gs2-header kvsep *kvpair kvsep) / kvsep; §3.2.3: a kvsep answers a refusal. A bearer
// token needs neither host nor port. Servers ask for the login as authorization identity.
std::unique_ptr<SaslClient> begin_oauthbearer(std::string_view mechanism, SaslChoice choice) {
    auto const& [login, token, kind] = choice.credentials;
    std::string const identity = login.empty() ? "" : "a=" + encode_saslname(login);
    return std::make_unique<TokenClient>(
        mechanism, std::format("n,{},\001auth=Bearer {}\001\001", identity, token.reveal()), "\001");
}

// Google's mechanism before there was an RFC, which Microsoft has as well.
std::unique_ptr<SaslClient> begin_xoauth2(std::string_view mechanism, SaslChoice choice) {
    auto const& [login, token, kind] = choice.credentials;
    return std::make_unique<TokenClient>(mechanism,
                                         std::format("user={}\001auth=Bearer {}\001\001", login, token.reveal()), "");
}

// In the order of preference.
struct SaslClientRow {
    std::string_view mechanism;
    bool (*fits)(SaslChoice const& choice);
    std::unique_ptr<SaslClient> (*begin)(std::string_view mechanism, SaslChoice choice);
};
constexpr SaslClientRow sasl_clients[] = {
    {"SCRAM-SHA-256-PLUS", fits_scram_plus, begin_scram_plus},
    {"SCRAM-SHA-256", fits_scram, begin_scram},
    {"PLAIN", fits_plain, begin_with<PlainClient>},
    {"LOGIN", fits_login, begin_with<LoginClient>},
    {"OAUTHBEARER", fits_token, begin_oauthbearer},
    {"XOAUTH2", fits_token, begin_xoauth2},
};

} // namespace

std::unique_ptr<SaslClient> SaslClient::choose(std::span<std::string const> offered, SaslCredentials credentials,
                                               SaslConnection connection, std::string_view nonce) {
    auto const is_offered = [&](std::string_view mechanism) {
        return std::ranges::any_of(offered, [&](std::string_view name) { return text::iequals(name, mechanism); });
    };
    SaslChoice choice{std::move(credentials), std::move(connection), nonce};
    for (SaslClientRow const& row : sasl_clients)
        if (is_offered(row.mechanism) && row.fits(choice)) return row.begin(row.mechanism, std::move(choice));
    return nullptr;
}

std::optional<core::Secret> SaslClient::initial_response() {
    begun_ = true;
    return first();
}

std::expected<core::Secret, SaslFault> SaslClient::respond(std::string_view challenge) {
    if (!begun_)
        if (auto response = initial_response()) return std::move(*response);
    return next(challenge);
}

} // namespace postern::wire
