#include "smtp/session.h"

#include "core/log.h"
#include "message/address.h"
#include "net/tls.h"
#include "office/directory.h"
#include "office/login.h"
#include "smtp/access.h"
#include "smtp/transaction.h"
#include "text/base64.h"
#include "wire/line.h"
#include "wire/smtp_command.h"
#include "wire/smtp_data.h"

#include <algorithm>
#include <expected>
#include <format>
#include <memory>
#include <optional>
#include <utility>

namespace postern::smtp {

namespace {

using wire::Framing;
using wire::LineFramer;
using namespace wire::smtp;

class Session {
public:
    Session(net::Connection& connection, office::Office& office, Role role);
    asio::awaitable<void> run();
    [[nodiscard]] Turn turn() const { return turn_; }

private:
    using Answer = asio::awaitable<std::optional<Reply>>; // nothing: the connection ended, or all was said

    struct Line {
        Framing outcome;
        std::string text;
    };

    // What must have come before a command.
    enum Needs : unsigned {
        nothing = 0,
        said_hello = 1,
        logged_in = 2, // where one has to be
        outside_mail = 4,
        inside_mail = 8, // between MAIL and the end of data
        before_data = 16,
        with_recipients = 32,
    };

    struct Row {
        std::string_view verb;
        std::size_t index; // in Command
        unsigned needs;
        Answer (*action)(Session& session, Command& command);
    };
    static Row const table[];

    template <typename Verb, Answer (Session::*action)(Verb&)>
    static consteval Row row(std::string_view verb, unsigned needs);

    Answer on_helo(Helo& helo);
    Answer on_ehlo(Ehlo& ehlo);
    Answer on_mail(Mail& mail);
    Answer on_rcpt(Rcpt& rcpt);
    Answer on_data(Data&);
    Answer on_bdat(Bdat& chunk);
    Answer on_rset(Rset&);
    Answer on_vrfy(Vrfy&);
    Answer on_expn(Expn&);
    Answer on_help(Help&);
    Answer on_noop(Noop&);
    Answer on_quit(Quit&);
    Answer on_starttls(StartTls&);
    Answer on_auth(Auth& auth);
    Answer on_etrn(Etrn& etrn);

    Answer answer(Line const& line);
    [[nodiscard]] std::optional<Reply> objection(unsigned needs) const;
    [[nodiscard]] std::optional<Reply> objection(Mail const& mail) const;
    asio::awaitable<std::optional<Line>> next_line(std::size_t limit);
    asio::awaitable<bool> more();
    void say(Reply const& reply);
    Answer conclude();
    [[nodiscard]] Reply refuse(Mail const& mail, Reply reply) const; // and tells the log

    [[nodiscard]] bool confidential() const {
        return connection_.is_tls() || (role_ == Role::submission && settings_->flag("login.allow_plaintext"));
    }
    // Whether there is a login for who comes; whether he needs none, or proved who he is.
    [[nodiscard]] bool takes_logins() const {
        return role_ == Role::submission || (upstream_ && !upstream_->login.empty());
    }
    [[nodiscard]] bool is_known() const {
        return role_ == Role::submission ? identity_.has_value() : !upstream_ || proven_;
    }
    [[nodiscard]] office::LoginConnection login_connection() const;
    [[nodiscard]] std::expected<std::shared_ptr<net::TlsServer>, std::string> tls() const;
    void look_at_certificate();
    [[nodiscard]] std::string who() const; // for the log
    // RFC 6409 §7: a submission server has no ETRN.
    [[nodiscard]] bool starts_queues() const { return role_ == Role::exchange && office_.start_queue; }
    [[nodiscard]] std::string const& peer_address() const { return connection_.endpoints().peer_address; }

    net::Connection& connection_;
    office::Office& office_;
    Role const role_;
    std::shared_ptr<core::Settings const> settings_;
    std::shared_ptr<store::Upstream const> const upstream_; // null: it is none
    bool const admitted_;                                   // else every command but QUIT is refused
    LineFramer framer_;

    std::string hello_; // empty before EHLO or HELO
    bool extended_ = false;
    std::optional<office::Identity> identity_;
    office::SignIns::SignIn sign_in_; // while there is one
    bool proven_ = false;             // it is the upstream
    bool authenticated_ = false;      // by AUTH
    std::optional<Transaction> transaction_;

    // Since a message was accepted.
    std::uint64_t errors_ = 0;
    std::uint64_t commands_ = 0;
    bool ended_ = false;
    Turn turn_;
};

template <typename Verb, std::size_t index = 0> consteval std::size_t index_of() {
    if constexpr (std::is_same_v<Verb, std::variant_alternative_t<index, Command>>)
        return index;
    else
        return index_of<Verb, index + 1>();
}

template <typename Verb, Session::Answer (Session::*action)(Verb&)>
consteval Session::Row Session::row(std::string_view verb, unsigned needs) {
    return {verb, index_of<Verb>(), needs,
            [](Session& session, Command& command) { return (session.*action)(std::get<Verb>(command)); }};
}

// BDAT looks after its needs itself: its chunk has to be read first, whatever the answer (RFC 3030 §2).
constexpr Session::Row Session::table[] = {
    row<Helo, &Session::on_helo>("HELO", nothing),
    row<Ehlo, &Session::on_ehlo>("EHLO", nothing),
    row<Mail, &Session::on_mail>("MAIL", said_hello | logged_in | outside_mail),
    row<Rcpt, &Session::on_rcpt>("RCPT", said_hello | logged_in | inside_mail | before_data),
    row<Data, &Session::on_data>("DATA", said_hello | logged_in | inside_mail | before_data | with_recipients),
    row<Bdat, &Session::on_bdat>("BDAT", nothing),
    row<Rset, &Session::on_rset>("RSET", nothing),
    row<Vrfy, &Session::on_vrfy>("VRFY", nothing),
    row<Expn, &Session::on_expn>("EXPN", nothing),
    row<Help, &Session::on_help>("HELP", nothing),
    row<Noop, &Session::on_noop>("NOOP", nothing),
    row<Quit, &Session::on_quit>("QUIT", nothing),
    row<StartTls, &Session::on_starttls>("STARTTLS", nothing),
    row<Auth, &Session::on_auth>("AUTH", said_hello | outside_mail),
    row<Etrn, &Session::on_etrn>("ETRN", said_hello | logged_in | outside_mail),
};

Session::Session(net::Connection& connection, office::Office& office, Role role)
    : connection_(connection),
      office_(office),
      role_(role),
      settings_(office.settings),
      upstream_(role == Role::exchange ? office.upstreams.at(peer_address()) : nullptr),
      admitted_(role != Role::exchange || upstream_ || admits(settings_->list("smtp.accept_from"), peer_address())) {
    connection_.set_idle_time(settings_->seconds("smtp.idle_timeout"));
}

asio::awaitable<void> Session::run() {
    // RFC 5321 §3.1: who is not welcome hears it in the greeting, and is waited for until it quits.
    if (admitted_)
        say({220, "", office_.host_name + " ESMTP Postern"});
    else
        say({554, "", office_.host_name + " takes no mail from your address"});
    auto const line_limit = takes_logins() ? auth_line_limit : command_line_limit;
    while (!ended_) {
        auto const line = co_await next_line(line_limit);
        if (!line) break;
        if (auto const reply = co_await answer(*line)) say(*reply);
    }
}

Session::Answer Session::answer(Line const& line) {
    switch (line.outcome) {
    case Framing::partial:
    case Framing::line: break;
    case Framing::malformed: co_return Reply{500, "5.5.2", "A line ends in CRLF, and has no other CR, LF or NUL"};
    case Framing::too_long: co_return Reply{500, "5.5.2", "Line too long"}; // RFC 5321 §4.5.3.1.9
    }
    auto command = parse_command(line.text);
    if (!command) co_return std::move(command.error());
    auto const row = std::ranges::find(table, command->index(), &Row::index);
    bool const counted = !std::holds_alternative<Rcpt>(*command) && !std::holds_alternative<Bdat>(*command);
    if (counted && ++commands_ > settings_->count("smtp.command_limit"))
        co_return Reply{421, "4.7.0", "Too many commands for no mail, closing"};
    if (!admitted_ && !std::holds_alternative<Quit>(*command))
        co_return Reply{503, "5.7.1", "No mail is taken from your address"};
    if (auto refusal = objection(row->needs)) co_return refusal;
    co_return co_await row->action(*this, *command);
}

std::optional<Reply> Session::objection(unsigned needs) const {
    if ((needs & said_hello) != 0 && hello_.empty()) return Reply{503, "5.5.1", "EHLO or HELO comes first"};
    if ((needs & logged_in) != 0 && !is_known()) {
        // RFC 3207 §4, RFC 4954 §6
        if (!confidential())
            return Reply{530, "5.7.0", takes_logins() ? "STARTTLS comes first, then AUTH" : "STARTTLS comes first"};
        return Reply{530, "5.7.0",
                     takes_logins() ? "Authentication required" : "Your certificate is not the one that is expected"};
    }
    if ((needs & outside_mail) != 0 && transaction_) return Reply{503, "5.5.1", "A mail transaction is under way"};
    if ((needs & inside_mail) != 0 && !transaction_) return Reply{503, "5.5.1", "MAIL comes first"};
    if ((needs & before_data) != 0 && transaction_ && transaction_->has_data())
        return Reply{503, "5.5.1", "Only BDAT or RSET may follow BDAT"}; // RFC 3030 §2
    // RFC 5321 §3.3
    if ((needs & with_recipients) != 0 && !transaction_->has_recipients())
        return Reply{554, "5.5.1", "No valid recipients"};
    return std::nullopt;
}

asio::awaitable<std::optional<Session::Line>> Session::next_line(std::size_t limit) {
    while (true) {
        auto const framed = framer_.next(connection_.input(), limit);
        Line line{framed.outcome, std::string(framed.text)};
        connection_.consume(framed.consumed);
        if (framed.outcome != Framing::partial) co_return line;
        if (!co_await more()) co_return std::nullopt;
    }
}

// Sends what is queued and waits for input. False when there will be none; then there is nothing to be said any more.
asio::awaitable<bool> Session::more() {
    switch (co_await connection_.fill()) {
    case net::Input::data:
    case net::Input::event: co_return true;
    case net::Input::closed: break;
    case net::Input::timed_out: say({421, "4.4.2", "Silent for too long, closing"}); break;
    case net::Input::dismissed: say({421, "4.7.0", "The password was changed, log in again"}); break;
    case net::Input::shutdown: say({421, "4.3.2", "Shutting down, come back later"}); break;
    }
    ended_ = true;
    co_return false;
}

// A 421 ends the session (RFC 5321 §3.8), and so do too many other errors.
void Session::say(Reply const& reply) {
    if (ended_ && reply.code != 421) return;
    connection_.queue(format(reply));
    if (reply.code == 421) ended_ = true;
    if (reply.code < 400 || ended_ || ++errors_ < settings_->count("smtp.error_limit")) return;
    say({421, "4.7.0", "Too many errors, closing"});
}

Session::Answer Session::on_helo(Helo& helo) {
    hello_ = std::move(helo.domain);
    extended_ = false;
    transaction_.reset();
    co_return Reply{250, "", office_.host_name};
}

// RFC 5321 §4.1.1.1; §4.1.4: it ends a mail transaction as RSET does.
Session::Answer Session::on_ehlo(Ehlo& ehlo) {
    hello_ = std::move(ehlo.domain);
    extended_ = true;
    transaction_.reset();
    auto text =
        std::format("{}\nPIPELINING\nSIZE {}\n8BITMIME\nBINARYMIME\nCHUNKING\nSMTPUTF8\nENHANCEDSTATUSCODES\nDSN\n"
                    "DELIVERBY",
                    office_.host_name, settings_->bytes("smtp.message_size_limit"));
    if (role_ == Role::submission) {
        text += "\nMT-PRIORITY";
        // RFC 4865 §3
        if (auto const limit = settings_->seconds("submission.hold_limit"); limit > std::chrono::seconds::zero())
            text += std::format("\nFUTURERELEASE {} {:%FT%TZ}", limit.count(), office_.clock.wall() + limit);
    }
    if (office_.tls && !connection_.is_tls()) text += "\nSTARTTLS";
    if (starts_queues()) text += "\nETRN";
    if (takes_logins() && confidential()) {
        text += "\nAUTH";
        for (auto const mechanism : office::sasl_mechanisms(login_connection())) text.append(" ").append(mechanism);
    }
    co_return Reply{250, "", text + "\nHELP"};
}

Reply Session::refuse(Mail const& mail, Reply reply) const {
    auto const sender = mail.reverse_path.value_or(message::Mailbox());
    core::log(core::Event::message_refused, {{"peer", peer_address()},
                                             {"login", who()},
                                             {"from", message::smtp_mailbox(sender.local_part, sender.domain)},
                                             {"code", reply.code},
                                             {"reason", reply.text}});
    return reply;
}

// To parameters that are not offered here, or not so much of what they ask for.
std::optional<Reply> Session::objection(Mail const& mail) const {
    // RFC 1870 §6.1
    if (mail.size > settings_->bytes("smtp.message_size_limit")) return Reply{552, "5.3.4", "The message is too large"};
    auto const limit = settings_->seconds("submission.hold_limit");
    bool const may_hold = role_ == Role::submission && limit > std::chrono::seconds::zero();
    if ((mail.priority && role_ != Role::submission) || (mail.future_release && !may_hold))
        return Reply{555, "5.5.4", "Parameter not implemented here"};
    auto const now = office_.clock.wall();
    if (mail.future_release && release_time(*mail.future_release, now) - now > limit)
        return Reply{501, "5.5.4", std::format("That is more than {} seconds ahead", limit.count())};
    return std::nullopt;
}

Session::Answer Session::on_mail(Mail& mail) {
    if (auto refusal = objection(mail)) co_return refuse(mail, std::move(*refusal));
    // RFC 6409 §6.1. The null reverse-path is anybody's: notifications have it.
    if (identity_ && mail.reverse_path) {
        auto const allowed =
            office_.storage.read_here([&](store::ReadTransaction const& transaction) -> store::Result<bool> {
                return office::may_send_as(transaction, identity_->account, *mail.reverse_path, office_.domain,
                                           *settings_);
            });
        if (!allowed) co_return reply_to(allowed.error());
        if (!*allowed) co_return refuse(mail, {553, "5.7.1", "That sender address does not belong to your login"});
    }
    Origin origin{.role = role_,
                  .hello = hello_,
                  .extended = extended_,
                  .peer_address = peer_address(),
                  .local_address = connection_.endpoints().local_address,
                  .tls = connection_.tls_description(),
                  .identity = identity_,
                  .login = who(),
                  .authenticated = authenticated_};
    transaction_.emplace(office_, settings_, std::move(origin), std::move(mail), connection_.share());
    co_return Reply{250, "2.1.0", "Ok"};
}

Session::Answer Session::on_rcpt(Rcpt& rcpt) { co_return co_await transaction_->add_recipient(std::move(rcpt)); }

Session::Answer Session::on_data(Data&) {
    if (transaction_->body_type() == BodyType::binary_mime) // RFC 3030 §3
        co_return Reply{503, "5.5.1", "BINARYMIME needs BDAT"};
    if (!transaction_->begin()) { // RFC 5321 §4.1.1.4: nothing of the message is sent then
        auto refusal = transaction_->refusal();
        transaction_.reset();
        co_return refusal;
    }
    say({354, "", "End data with <CR><LF>.<CR><LF>"});
    DataDecoder decoder(settings_->bytes("smtp.line_limit"));
    while (!decoder.done()) {
        if (connection_.input().empty() && !co_await more()) co_return std::nullopt;
        std::string octets;
        connection_.consume(decoder.feed(connection_.input(), octets));
        if (decoder.fault()) transaction_->set_fault(*decoder.fault());
        co_await transaction_->append(std::move(octets));
    }
    co_return co_await conclude();
}

Session::Answer Session::on_bdat(Bdat& chunk) {
    auto refusal = objection(said_hello | logged_in | inside_mail | with_recipients);
    for (auto left = chunk.size; left > 0;) {
        if (connection_.input().empty() && !co_await more()) co_return std::nullopt;
        std::string octets(connection_.input().substr(0, left));
        connection_.consume(octets.size());
        left -= octets.size();
        if (!refusal) co_await transaction_->append_chunk(std::move(octets));
    }
    if (refusal) co_return refusal;
    if (chunk.last) co_return co_await conclude();
    // RFC 3030 §2: after a refused chunk the transaction is over; those that follow it in the pipeline get 503.
    if ((refusal = transaction_->refusal()))
        transaction_.reset();
    else
        co_return Reply{250, "2.0.0", std::format("{} octets received", chunk.size)};
    co_return refusal;
}

Session::Answer Session::conclude() {
    auto reply = co_await transaction_->finish();
    transaction_.reset();
    if (reply.code < 300) {
        errors_ = commands_ = 0;
        ++turn_.messages;
    }
    co_return reply;
}

Session::Answer Session::on_rset(Rset&) {
    transaction_.reset();
    co_return Reply{250, "2.0.0", "Ok"};
}

// RFC 5321 §3.5.3, §7.3: who has a mailbox here is told at RCPT.
Session::Answer Session::on_vrfy(Vrfy&) { co_return Reply{252, "2.0.0", "Send it and see"}; }

Session::Answer Session::on_expn(Expn&) { co_return Reply{502, "5.5.1", "Not implemented"}; }

Session::Answer Session::on_help(Help&) {
    std::string text = "Commands:";
    for (Row const& row : table) text.append(" ").append(row.verb);
    co_return Reply{214, "2.0.0", text};
}

Session::Answer Session::on_noop(Noop&) { co_return Reply{250, "2.0.0", "Ok"}; }

Session::Answer Session::on_quit(Quit&) {
    say({221, "2.0.0", "Goodbye"});
    turn_.complete = true;
    ended_ = true;
    co_return std::nullopt;
}

// RFC 3207 §4
Session::Answer Session::on_starttls(StartTls&) {
    if (connection_.is_tls()) co_return Reply{503, "5.5.1", "TLS is on already"};
    if (!office_.tls) co_return Reply{502, "5.5.1", "TLS is not available"};
    auto const server = tls();
    if (!server) {
        core::log(core::Event::tls_failed, {{"peer", peer_address()}, {"reason", server.error()}});
        co_return Reply{454, "4.7.0", "TLS is not available now; try again later"};
    }
    say({220, "2.0.0", "Go ahead"});
    if (!co_await connection_.flush() || !co_await connection_.start_tls(**server)) ended_ = true;
    // §4.2: all that was said in plain text is forgotten.
    framer_ = {};
    hello_.clear();
    identity_.reset();
    sign_in_ = {};
    authenticated_ = false;
    transaction_.reset();
    if (!ended_) look_at_certificate();
    co_return std::nullopt;
}

// Servers and devices at port 25 have nothing to log in by, but for upstreams that are known by a certificate.
std::expected<std::shared_ptr<net::TlsServer>, std::string> Session::tls() const {
    if (role_ == Role::submission) return office_.tls_for_logins();
    if (upstream_ && !upstream_->certificate.empty()) return office_.tls->asking(upstream_->certificate);
    return office_.tls;
}

void Session::look_at_certificate() {
    if (!upstream_ || upstream_->certificate.empty()) return;
    proven_ = connection_.peer_certificate().has_value();
    if (proven_)
        core::log(core::Event::login_accepted,
                  {{"login", who()}, {"address", peer_address()}, {"mechanism", "certificate"}});
    else
        core::log(core::Event::login_refused, {{"login", "upstream " + upstream_->name},
                                               {"address", peer_address()},
                                               {"mechanism", "certificate"},
                                               {"reason", "it showed none, or not the one that is expected"}});
}

// An upstream's certificate is of another authority than people's.
office::LoginConnection Session::login_connection() const {
    auto connection = office::LoginConnection::of(connection_, true);
    connection.upstream = upstream_;
    if (upstream_) connection.certificate.reset();
    return connection;
}

std::string Session::who() const {
    if (identity_) return identity_->login;
    return proven_ ? "upstream " + upstream_->name : std::string();
}

// RFC 4954 §4
Session::Answer Session::on_auth(Auth& auth) {
    if (!takes_logins()) co_return Reply{502, "5.5.1", "Logins are for the submission ports, 465 and 587"};
    if (is_known()) co_return Reply{503, "5.5.1", "You are logged in already"};
    if (!confidential()) co_return Reply{538, "5.7.11", "Encryption required: STARTTLS comes first"};
    auto const exchange = office::SaslExchange::begin(office_, auth.mechanism, login_connection());
    if (!exchange) co_return Reply{504, "5.5.4", "Mechanism not supported"};
    auto response = std::move(auth.initial_response);
    while (true) {
        auto const step = co_await exchange->step(std::move(response));
        if (auto const* identity = std::get_if<office::Identity>(&step)) {
            authenticated_ = true;
            if (upstream_) {
                proven_ = true;
            } else {
                identity_ = *identity;
                sign_in_ = office_.sign_ins.begin(identity->account, "SMTP", "", connection_);
            }
            co_return Reply{235, "2.7.0", "Welcome"};
        }
        if (auto const* failure = std::get_if<office::SaslFailure>(&step)) {
            switch (failure->reason) {
            case office::SaslFailure::Reason::credentials: co_return Reply{535, "5.7.8", "Wrong login or password"};
            case office::SaslFailure::Reason::malformed: co_return Reply{501, "5.5.2", "Not what the mechanism says"};
            case office::SaslFailure::Reason::unavailable:
                co_return Reply{454, "4.7.0", "Cannot check that now; try again later"};
            }
        }
        // Not a Reply: a challenge may be longer than a reply's line.
        connection_.queue("334 " + text::base64_encode(std::get<office::SaslChallenge>(step).octets) + "\r\n");
        auto const line = co_await next_line(auth_line_limit);
        if (!line) co_return std::nullopt;
        if (line->outcome == Framing::too_long) co_return Reply{500, "5.5.6", "Line too long"};
        if (line->text == "*") co_return Reply{501, "5.7.0", "Cancelled"};
        response = line->outcome == Framing::line ? text::base64_decode(line->text) : std::nullopt;
        if (!response) co_return Reply{501, "5.5.2", "That is not base64"};
    }
}

// RFC 1985 §5. How much waits is nobody's business.
Session::Answer Session::on_etrn(Etrn& etrn) {
    if (!starts_queues()) co_return Reply{502, "5.5.1", "Not implemented"};
    if (etrn.scope == Etrn::Scope::queue) co_return Reply{459, "4.7.1", "Not allowed: queues have no names here"};
    switch (office_.start_queue(etrn.node, etrn.scope == Etrn::Scope::subdomains)) {
    case office::QueueStart::started: co_return Reply{250, "2.0.0", "Ok, what waits for there is tried now"};
    case office::QueueStart::nothing_waits: co_return Reply{251, "2.0.0", "Ok, no messages wait for there"};
    case office::QueueStart::unable: co_return Reply{458, "4.3.2", "The link may not be used now; try again later"};
    case office::QueueStart::not_allowed:
        co_return Reply{459, "4.7.1", "Not allowed: mail for there leaves by no way of its own"};
    }
    std::unreachable();
}

} // namespace

asio::awaitable<void> serve(net::Connection& connection, office::Office& office, Role role) {
    Session session(connection, office, role);
    co_await session.run();
}

asio::awaitable<Turn> take_turn(net::Connection& connection, office::Office& office) {
    Session session(connection, office, Role::on_demand);
    co_await session.run();
    co_return session.turn();
}

} // namespace postern::smtp
