#include "fetch/smtp_provider.h"

#include "smtp/session.h"
#include "wire/smtp_request.h"

#include <algorithm>
#include <utility>

namespace postern::fetch {

namespace request = wire::smtp::request;
using store::FetchProtocol;

SmtpProvider::SmtpProvider(office::Office& office, Intake& intake, net::Dialed dialed)
    : Provider(office, intake, std::move(dialed), intake.share()) {}

asio::awaitable<std::expected<SmtpProvider::Reply, Failure>> SmtpProvider::reply(std::string_view when) {
    while (true) {
        auto read = replies_.next(connection_.input());
        connection_.consume(read.consumed);
        switch (read.outcome) {
        case wire::smtp::ReplyReading::reply: co_return std::move(read.reply);
        case wire::smtp::ReplyReading::malformed:
            co_return std::unexpected(failed(Trouble::refused, "what it says is not SMTP"));
        case wire::smtp::ReplyReading::partial: break;
        }
        if (!co_await fill()) co_return std::unexpected(lost(when));
    }
}

// What it refuses for the time being is as if it could not be reached.
Failure SmtpProvider::refused(std::string_view what, Reply const& reply) const {
    return answered(reply.transient() ? Trouble::unreachable : Trouble::refused, what, reply.text());
}

// ---- the beginning

asio::awaitable<std::optional<Failure>> SmtpProvider::begin(office::TlsTrust const& trust) {
    auto const greeting = co_await reply("before its greeting");
    if (!greeting) co_return greeting.error();
    if (!greeting->positive()) co_return refused("our connection", *greeting);
    if (auto failure = co_await say_hello()) co_return failure;
    if (source().security == store::RelaySecurity::starttls) { // RFC 3207 §4
        if (!extensions_.starttls) co_return failed(Trouble::tls, "it offers no STARTTLS");
        connection_.queue(request::starttls());
        auto const answer = co_await reply("after STARTTLS");
        if (!answer) co_return answer.error();
        if (!answer->positive()) co_return answered(Trouble::tls, "STARTTLS", answer->text());
        if (auto failure = co_await start_tls(trust)) co_return failure;
        replies_ = {};
        if (auto failure = co_await say_hello()) co_return failure;
    }
    if (!source().login.empty())
        if (auto failure = co_await log_in()) co_return failure;
    bool const etrn = source().protocol == FetchProtocol::etrn;
    contents_ = std::format("{} {}", (etrn ? extensions_.etrn : extensions_.atrn) ? "it knows" : "it does not offer",
                            etrn ? "ETRN" : "ATRN");
    co_return std::nullopt;
}

asio::awaitable<std::optional<Failure>> SmtpProvider::say_hello() {
    connection_.queue(request::ehlo(office_.host_name));
    auto const hello = co_await reply("after EHLO");
    if (!hello) co_return hello.error();
    if (!hello->positive()) co_return refused("EHLO", *hello);
    extensions_ = wire::smtp::parse_extensions(*hello);
    co_return std::nullopt;
}

asio::awaitable<std::optional<Failure>> SmtpProvider::log_in() {
    auto const done = co_await authenticate("AUTH", extensions_.auth, true);
    if (!done) co_return done.error();
    if (*done) co_return std::nullopt;
    co_return failed(Trouble::login, extensions_.auth.empty()
                                         ? "it offers no login"
                                         : "it offers no way to log in that is safe on this connection");
}

// RFC 4954 §4
asio::awaitable<std::expected<Provider::LoginAnswer, Failure>> SmtpProvider::login_answer() {
    auto const answer = co_await reply("during the login");
    if (!answer) co_return std::unexpected(answer.error());
    using Kind = LoginAnswer::Kind;
    if (answer->positive()) co_return LoginAnswer{Kind::done, {}};
    if (answer->intermediate()) co_return LoginAnswer{Kind::challenge, answer->lines.front()};
    co_return LoginAnswer{answer->transient() ? Kind::busy : Kind::refused, answer->text()};
}

// ---- the mail

std::string SmtpProvider::domains() const { return source().mailbox.empty() ? office_.domain : source().mailbox; }

asio::awaitable<std::optional<Failure>> SmtpProvider::collect() {
    if (source().protocol == FetchProtocol::etrn) co_return co_await start_queues();
    co_return co_await take_turn();
}

// RFC 1985 §5. 251 is: nothing waits.
asio::awaitable<std::optional<Failure>> SmtpProvider::start_queues() {
    std::string const all = domains();
    for (std::string_view rest = all; !rest.empty();) {
        auto const domain = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(domain.size() + 1, rest.size()));
        connection_.queue(request::etrn(domain));
        auto const answer = co_await reply("after ETRN");
        if (!answer) co_return answer.error();
        constexpr unsigned not_allowed = 459; // it will not be so soon, whatever its class says
        if (answer->code == not_allowed) co_return answered(Trouble::refused, "ETRN", answer->text());
        if (!answer->positive()) co_return refused("ETRN", *answer);
    }
    co_return std::nullopt;
}

// RFC 2645 §5.2.1, §5.3
asio::awaitable<std::optional<Failure>> SmtpProvider::take_turn() {
    connection_.queue(request::atrn(domains()));
    auto const answer = co_await reply("after ATRN");
    if (!answer) co_return answer.error();
    constexpr unsigned refuses = 450, no_mail = 453, login_first = 530;
    if (answer->code == no_mail) co_return std::nullopt;
    if (answer->code == login_first) co_return answered(Trouble::login, "ATRN", answer->text());
    if (answer->code == refuses) co_return answered(Trouble::refused, "ATRN", answer->text());
    if (!answer->positive()) co_return refused("ATRN", *answer);
    turned_ = true;
    auto const turn = co_await smtp::take_turn(connection_, office_);
    intake_.count(turn.messages);
    if (turn.complete) co_return std::nullopt;
    co_return failed(Trouble::unreachable, "the connection ended before it said that this is all of our mail");
}

asio::awaitable<void> SmtpProvider::quit() {
    if (!turned_) connection_.queue(request::quit());
    co_await connection_.close();
}

} // namespace postern::fetch
