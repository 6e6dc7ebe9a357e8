#include "pop3/session.h"

#include "core/log.h"
#include "pop3/authorization.h"
#include "pop3/capability.h"
#include "pop3/transaction.h"

#include <algorithm>
#include <exception>
#include <format>
#include <utility>

namespace postern::pop3 {

using namespace wire::pop3;
using wire::Framing;

namespace {

constexpr unsigned bad_command_limit = 20;  // in a row
constexpr unsigned login_failure_limit = 5; // in a session

struct Row {
    std::size_t index; // in Command
    unsigned states;
    asio::awaitable<Answer> (*action)(Session& session, Command& command);
};

template <typename Verb, std::size_t index = 0> consteval std::size_t index_of() {
    if constexpr (std::is_same_v<Verb, std::variant_alternative_t<index, Command>>)
        return index;
    else
        return index_of<Verb, index + 1>();
}

template <typename Verb, asio::awaitable<Answer> (*action)(Session&, Verb&)> consteval Row row(unsigned states) {
    return {index_of<Verb>(), states,
            [](Session& session, Command& command) { return action(session, std::get<Verb>(command)); }};
}

constexpr auto before = static_cast<unsigned>(State::authorization);
constexpr auto after = static_cast<unsigned>(State::transaction);

constexpr Row rows[] = {
    row<User, name_user>(before),
    row<Pass, check_password>(before),
    row<Auth, authenticate>(before),
    row<Capa, tell_capabilities>(before | after),
    row<Stls, start_tls>(before),
    row<Utf8, switch_to_utf8>(before),
    row<Lang, choose_language>(before | after),
    row<Stat, tell_status>(after),
    row<List, list_sizes>(after),
    row<Uidl, list_unique_ids>(after),
    row<Retr, retrieve>(after),
    row<Top, retrieve_top>(after),
    row<Dele, delete_message>(after),
    row<Noop, do_nothing>(after),
    row<Rset, reset>(after),
    row<Quit, quit>(before | after),
};

constexpr bool rows_in_order() {
    std::size_t position = 0;
    for (Row const& each : rows)
        if (each.index != position++) return false;
    return true;
}

} // namespace

asio::awaitable<void> serve(net::Connection& connection, office::Office& office) {
    std::exception_ptr broken;
    try {
        Session session(connection, office);
        co_await session.run();
    } catch (...) {
        broken = std::current_exception();
    }
    // The maildrop is free again before the client hears the last answer.
    if (broken) connection.queue("-ERR [SYS/TEMP] Something broke here; it was logged\r\n");
    co_await connection.close();
    if (broken) std::rethrow_exception(broken);
}

Session::Drop::Drop(Session& session, std::string who, office::SignIns::SignIn signed_in,
                    office::MaildropLocks::Lock held, Maildrop opened)
    : login(std::move(who)),
      sign_in(std::move(signed_in)),
      lock(std::move(held)),
      maildrop(std::move(opened)),
      memory(session.connection_.share()),
      retrieval(session.connection_, session.office_.storage, maildrop) {}

Session::Session(net::Connection& connection, office::Office& office)
    : connection_(connection), office_(office), settings_(office.settings) {
    connection_.set_idle_time(settings_->seconds("pop3.idle_timeout"));
}

asio::awaitable<void> Session::run() {
    finish(ok(office_.host_name + " Postern is ready"));
    while (!over_) {
        auto const line = co_await next_line(command_line_limit);
        if (!line) break;
        finish(co_await perform(*line));
        co_await connection_.flush_if_full();
    }
}

asio::awaitable<Answer> Session::perform(Line line) {
    switch (line.outcome) {
    case Framing::partial:
    case Framing::line: break;
    case Framing::malformed: co_return bad("A line ends in CRLF, and has no other CR, LF or NUL");
    case Framing::too_long: co_return bad("Line too long");
    }
    auto command = parse_command(line.text);
    if (!command) co_return bad(std::string(command.error()));
    static_assert(rows_in_order() && std::size(rows) == std::variant_size_v<Command>);
    Row const& found = rows[command->index()];
    if ((found.states & static_cast<unsigned>(state())) == 0)
        co_return bad(state() == State::authorization ? "Log in first" : "Not after login");
    co_return co_await found.action(*this, *command);
}

void Session::finish(Answer const& answer) {
    queue(format(answer));
    bad_in_a_row_ = answer.kind == Answer::Kind::bad ? bad_in_a_row_ + 1 : 0;
    if (bad_in_a_row_ == bad_command_limit || login_failures_ == login_failure_limit) end();
}

bool Session::confidential() const { return connection_.is_tls() || settings_->flag("login.allow_plaintext"); }

// RFC 1939 §4: the lock first, so that what is seen then stays as it is but for what IMAP clients do.
asio::awaitable<Answer> Session::open_maildrop(office::Identity identity) {
    auto sign_in = office_.sign_ins.begin(identity.account, "POP3", "", connection_);
    auto lock = co_await office_.maildrops.lock(identity.account, connection_, settings_->seconds("pop3.lock_wait"),
                                                office_.stop);
    if (!lock) {
        core::log(core::Event::maildrop_in_use,
                  {{"login", identity.login}, {"address", connection_.endpoints().peer_address}});
        co_return err("[IN-USE] Another POP3 session of this account is at work; try again later");
    }
    auto maildrop = co_await Maildrop::open(office_.storage, identity.account, utf8);
    if (!maildrop) co_return err(maildrop.error());
    auto drop = std::make_unique<Drop>(*this, std::move(identity.login), std::move(sign_in), std::move(*lock),
                                       std::move(*maildrop));
    if (!drop->memory.resize(drop->maildrop.held_octets())) co_return no_room();
    drop_ = std::move(drop);
    co_return ok(std::format("{} messages, {} octets", drop_->maildrop.count(), drop_->maildrop.octets()));
}

asio::awaitable<std::optional<Session::Line>> Session::next_line(std::size_t limit) {
    while (true) {
        connection_.consume(std::exchange(taken_, 0));
        auto const framed = framer_.next(connection_.input(), limit);
        taken_ = framed.consumed;
        if (framed.outcome != Framing::partial) co_return Line{framed.outcome, framed.text};
        connection_.consume(std::exchange(taken_, 0));
        switch (co_await connection_.fill()) {
        case net::Input::data:
        case net::Input::event: continue;
        case net::Input::closed: break;
        case net::Input::timed_out: break; // RFC 1939 §3: nothing is said, and nothing removed
        case net::Input::dismissed: queue(format(err("[AUTH] The password was changed; log in again"))); break;
        case net::Input::shutdown: queue(format(err("[SYS/TEMP] The server is stopping"))); break;
        }
        end();
        co_return std::nullopt;
    }
}

void Session::begin_again() {
    framer_ = {};
    taken_ = 0;
}

} // namespace postern::pop3
