#include "relay/upstream.h"

#include "text/base64.h"
#include "wire/sasl_client.h"
#include "wire/sasl_line.h"
#include "wire/smtp_request.h"

#include <algorithm>
#include <format>
#include <utility>

namespace postern::relay {

namespace request = wire::smtp::request;
using store::RelaySecurity;
using wire::smtp::ServerReply;

namespace {

// Rounds of an AUTH exchange: more than any mechanism has.
constexpr unsigned most_challenges = 8;

} // namespace

Upstream::Upstream(office::Office& office, store::Relay const& relay, std::string host, net::Dialed dialed)
    : office_(office),
      relay_(relay),
      host_(std::move(host)),
      never_(dialed.stream->executor()),
      connection_(std::move(dialed.stream), std::move(dialed.endpoints), never_) {
    connection_.set_idle_time(reply_time);
}

asio::awaitable<Upstream::Opened> Upstream::open(office::Office& office, net::Dialer& dialer, store::Relay const& relay,
                                                 std::string host, TlsTrust const& trust) {
    auto opened = co_await open_once(office, dialer, relay, host, trust, relay.security);
    // RFC 7435 §3: what fails is no worse than what was not offered.
    if (!opened && opened.error().trouble == Trouble::tls && relay.security == RelaySecurity::opportunistic)
        opened = co_await open_once(office, dialer, relay, host, trust, RelaySecurity::plain);
    co_return opened;
}

asio::awaitable<Upstream::Opened> Upstream::open_once(office::Office& office, net::Dialer& dialer,
                                                      store::Relay const& relay, std::string const& host,
                                                      TlsTrust const& trust, RelaySecurity security) {
    auto dialed = co_await dialer.dial(host, relay.port, dial_time);
    if (!dialed) co_return std::unexpected(OpenFailure{Trouble::unreachable, std::move(dialed.error())});
    std::unique_ptr<Upstream> upstream(new Upstream(office, relay, host, std::move(*dialed)));
    bool const implicit = security == RelaySecurity::implicit_tls;
    if (implicit)
        if (auto failure = co_await upstream->start_tls(trust)) co_return std::unexpected(std::move(*failure));
    if (auto failure = co_await upstream->greet()) co_return std::unexpected(std::move(*failure));
    if (auto failure = co_await upstream->say_hello()) co_return std::unexpected(std::move(*failure));
    if (!implicit)
        if (auto failure = co_await upstream->secure(trust, security)) co_return std::unexpected(std::move(*failure));
    if (!relay.login.empty())
        if (auto failure = co_await upstream->log_in()) co_return std::unexpected(std::move(*failure));
    co_return upstream;
}

std::string Upstream::description() const {
    std::string const tls = connection_.tls_description();
    return std::format("{} port {}, {}{}", connection_.endpoints().peer_address, connection_.endpoints().peer_port,
                       tls.empty() ? "without TLS" : tls, logged_in_ ? ", logged in as " + relay_.login : "");
}

asio::awaitable<std::optional<ServerReply>> Upstream::reply(std::chrono::seconds patience) {
    connection_.set_idle_time(patience);
    while (true) {
        auto read = replies_.next(connection_.input());
        connection_.consume(read.consumed);
        if (read.outcome == wire::smtp::ReplyReading::reply) co_return std::move(read.reply);
        if (read.outcome == wire::smtp::ReplyReading::malformed) {
            why_ = "what it says is not SMTP";
            co_return std::nullopt;
        }
        switch (co_await connection_.fill()) {
        case net::Input::data:
        case net::Input::event: continue;
        case net::Input::dismissed:
        case net::Input::shutdown:
        case net::Input::closed: why_ = "the connection broke"; break;
        case net::Input::timed_out: why_ = "it fell silent"; break;
        }
        co_return std::nullopt;
    }
}

asio::awaitable<void> Upstream::quit() {
    queue(request::quit());
    co_await connection_.close();
}

OpenFailure Upstream::lost(std::string_view when) const {
    return {Trouble::unreachable, std::format("{} port {}: {} {}", host_, relay_.port, why_, when)};
}

// What it refuses for the time being is as if it could not be reached.
OpenFailure Upstream::answered(Trouble trouble, std::string_view to, ServerReply const& reply) const {
    return {reply.transient() ? Trouble::unreachable : trouble,
            std::format("{} port {} answered {}: {}", host_, relay_.port, to, reply.text())};
}

// RFC 5321 §3.1
asio::awaitable<std::optional<OpenFailure>> Upstream::greet() {
    auto const greeting = co_await reply();
    if (!greeting) co_return lost("before its greeting");
    if (!greeting->positive()) co_return answered(Trouble::refused, "our connection", *greeting);
    co_return std::nullopt;
}

// RFC 5321 §3.2
asio::awaitable<std::optional<OpenFailure>> Upstream::say_hello() {
    queue(request::ehlo(office_.host_name));
    auto hello = co_await reply();
    if (!hello) co_return lost("after EHLO");
    if (hello->positive()) {
        extensions_ = wire::smtp::parse_extensions(*hello);
        co_return std::nullopt;
    }
    if (hello->transient()) co_return answered(Trouble::unreachable, "EHLO", *hello);
    extensions_ = {};
    queue(request::helo(office_.host_name));
    hello = co_await reply();
    if (!hello) co_return lost("after HELO");
    if (!hello->positive()) co_return answered(Trouble::refused, "HELO", *hello);
    co_return std::nullopt;
}

// RFC 3207 §4
asio::awaitable<std::optional<OpenFailure>> Upstream::secure(TlsTrust const& trust, RelaySecurity security) {
    if (security == RelaySecurity::plain) co_return std::nullopt;
    bool const required = security == RelaySecurity::starttls;
    if (!extensions_.starttls) {
        if (!required) co_return std::nullopt;
        co_return OpenFailure{Trouble::tls, std::format("{} port {} offers no STARTTLS", host_, relay_.port)};
    }
    queue(request::starttls());
    auto const go_ahead = co_await reply();
    if (!go_ahead) co_return lost("after STARTTLS");
    if (!go_ahead->positive()) {
        if (!required) co_return std::nullopt;
        co_return answered(Trouble::tls, "STARTTLS", *go_ahead);
    }
    if (auto failure = co_await start_tls(trust)) co_return failure;
    replies_ = {};
    co_return co_await say_hello();
}

asio::awaitable<std::optional<OpenFailure>> Upstream::start_tls(TlsTrust const& trust) {
    auto const done = co_await connection_.start_tls(trust.client(), host_);
    if (!done)
        co_return OpenFailure{
            Trouble::tls, std::format("no secure connection with {} port {}: {}", host_, relay_.port, done.error())};
    co_return std::nullopt;
}

// RFC 4954 §4
asio::awaitable<std::optional<OpenFailure>> Upstream::log_in() {
    auto const refused = [this](std::string reason) {
        return OpenFailure{Trouble::login, std::format("{} port {}: {}", host_, relay_.port, std::move(reason))};
    };
    using Kind = wire::SaslCredentials::Kind;
    std::shared_ptr<wire::SaslClient> const client =
        wire::SaslClient::choose(extensions_.auth,
                                 {.login = relay_.login,
                                  .secret = relay_.password.clone(),
                                  .kind = relay_.token ? Kind::access_token : Kind::password},
                                 office::sasl_connection(connection_, relay_.security), office::sasl_nonce(office_));
    if (!client)
        co_return refused(extensions_.auth.empty() ? "it offers no login"
                                                   : "it offers no way to log in that is safe on this connection");

    core::Secret command = wire::sasl_begin("AUTH", client->mechanism(), client->initial_response());
    for (unsigned challenges = 0; challenges <= most_challenges; ++challenges) {
        queue(command.reveal());
        auto const reply = co_await this->reply();
        if (!reply) co_return lost("during the login");
        if (reply->positive()) {
            if (!client->complete()) co_return refused("it says that we are logged in before it proved who it is");
            logged_in_ = true;
            co_return std::nullopt;
        }
        if (!reply->intermediate()) co_return answered(Trouble::login, "our login", *reply);
        // Some send LOGIN's prompts as they are; nothing hangs on what they say.
        std::string challenge = text::base64_decode(reply->lines.front()).value_or(reply->lines.front());
        // On another thread: SCRAM hashes for long.
        auto response = co_await office_.storage.compute(
            [client, challenge = std::move(challenge)] { return client->respond(challenge); });
        if (!response) {
            queue(wire::sasl_cancel());
            co_return refused(std::string(wire::describe(response.error())));
        }
        command = wire::sasl_response(*response);
    }
    co_return refused("the login has no end");
}

} // namespace postern::relay
