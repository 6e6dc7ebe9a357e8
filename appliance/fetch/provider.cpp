#include "fetch/provider.h"

#include "fetch/imap_provider.h"
#include "fetch/pop3_provider.h"
#include "fetch/smtp_provider.h"
#include "text/base64.h"
#include "wire/sasl_client.h"
#include "wire/sasl_line.h"

#include <format>
#include <utility>

namespace postern::fetch {

using store::RelaySecurity;

namespace {

// Rounds of an exchange: more than any mechanism has.
constexpr unsigned most_challenges = 8;

} // namespace

Provider::Provider(office::Office& office, Intake& intake, net::Dialed dialed, net::MemoryShare memory)
    : office_(office),
      intake_(intake),
      connection_(std::move(dialed.stream), std::move(dialed.endpoints), office.stop, std::move(memory)) {}

asio::awaitable<Provider::Opened> Provider::open(office::Office& office, net::Dialer& dialer, Intake& intake,
                                                 office::TlsTrust const& trust) {
    auto const& source = intake.source;
    auto dialed = co_await dialer.dial(source.host, source.port, dial_time);
    if (!dialed) co_return std::unexpected(Failure{Trouble::unreachable, std::move(dialed.error())});
    std::unique_ptr<Provider> provider;
    switch (source.protocol) {
    case store::FetchProtocol::imap:
        provider = std::make_unique<ImapProvider>(office, intake, std::move(*dialed));
        break;
    case store::FetchProtocol::pop3:
        provider = std::make_unique<Pop3Provider>(office, intake, std::move(*dialed));
        break;
    case store::FetchProtocol::etrn:
    case store::FetchProtocol::atrn:
        provider = std::make_unique<SmtpProvider>(office, intake, std::move(*dialed));
        break;
    }
    if (source.security == RelaySecurity::implicit_tls)
        if (auto failure = co_await provider->start_tls(trust)) co_return std::unexpected(std::move(*failure));
    if (auto failure = co_await provider->begin(trust)) co_return std::unexpected(std::move(*failure));
    co_return provider;
}

std::string Provider::description() const {
    std::string const tls = connection_.tls_description();
    return std::format("{} port {}, {}, {}, {}", connection_.endpoints().peer_address,
                       connection_.endpoints().peer_port, tls.empty() ? "without TLS" : tls,
                       source().login.empty() ? "not logged in" : "logged in as " + source().login, contents_);
}

Bringer Provider::bringer() const { return {connection_.endpoints().peer_address, connection_.tls_description()}; }

asio::awaitable<bool> Provider::fill(std::chrono::seconds patience) {
    connection_.set_idle_time(patience);
    switch (co_await connection_.fill_or(intake_.gone)) {
    case net::Input::data: co_return true;
    case net::Input::event:
        intake_.gone.raise();
        why_ = "it was changed by an administrator";
        break;
    case net::Input::shutdown: why_ = "we stop"; break;
    case net::Input::dismissed:
    case net::Input::closed: why_ = "the connection broke"; break;
    case net::Input::timed_out: why_ = "it fell silent"; break;
    }
    co_return false;
}

Failure Provider::lost(std::string_view when) const {
    return failed(Trouble::unreachable, std::format("{} {}", why_, when));
}

Failure Provider::failed(Trouble trouble, std::string_view what) const {
    return {trouble, std::format("{} port {}: {}", source().host, source().port, what)};
}

Failure Provider::answered(Trouble trouble, std::string_view to, std::string_view text) const {
    return {trouble, std::format("{} port {} answered {}: {}", source().host, source().port, to, text)};
}

asio::awaitable<std::optional<Failure>> Provider::start_tls(office::TlsTrust const& trust) {
    auto const done = co_await connection_.start_tls(trust.client(), source().host);
    if (!done)
        co_return Failure{Trouble::tls, std::format("no secure connection with {} port {}: {}", source().host,
                                                    source().port, done.error())};
    co_return std::nullopt;
}

asio::awaitable<std::expected<bool, Failure>>
Provider::authenticate(std::string command, std::span<std::string const> offered, bool initial_response) {
    using Kind = wire::SaslCredentials::Kind;
    std::shared_ptr<wire::SaslClient> const client =
        wire::SaslClient::choose(offered,
                                 {.login = source().login,
                                  .secret = source().password.clone(),
                                  .kind = source().token ? Kind::access_token : Kind::password},
                                 office::sasl_connection(connection_, source().security), office::sasl_nonce(office_));
    if (!client) co_return false;
    core::Secret line =
        wire::sasl_begin(command, client->mechanism(), initial_response ? client->initial_response() : std::nullopt);
    for (unsigned challenges = 0; challenges <= most_challenges; ++challenges) {
        connection_.queue(line.reveal());
        auto const answer = co_await login_answer();
        if (!answer) co_return std::unexpected(answer.error());
        switch (answer->kind) {
        case LoginAnswer::Kind::done:
            if (client->complete()) co_return true;
            co_return std::unexpected(
                failed(Trouble::login, "it says that we are logged in before it proved who it is"));
        case LoginAnswer::Kind::refused: co_return std::unexpected(answered(Trouble::login, "our login", answer->text));
        case LoginAnswer::Kind::busy:
            co_return std::unexpected(answered(Trouble::unreachable, "our login", answer->text));
        case LoginAnswer::Kind::challenge: break;
        }
        std::string challenge = text::base64_decode(answer->text).value_or(answer->text);
        // On another thread: SCRAM hashes for long.
        auto response = co_await office_.storage.compute(
            [client, challenge = std::move(challenge)] { return client->respond(challenge); });
        if (!response) {
            connection_.queue(wire::sasl_cancel());
            co_return std::unexpected(failed(Trouble::login, wire::describe(response.error())));
        }
        line = wire::sasl_response(*response);
    }
    co_return std::unexpected(failed(Trouble::login, "its login does not end"));
}

} // namespace postern::fetch
