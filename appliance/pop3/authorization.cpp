#include "pop3/authorization.h"

#include "text/base64.h"

#include <algorithm>
#include <utility>

namespace postern::pop3 {

namespace {

// RFC 3206 §4: [AUTH] has the client ask its user; [SYS/TEMP] has it try again.
Answer refuse(Session& session, office::SaslFailure failure) {
    using Reason = office::SaslFailure::Reason;
    switch (failure.reason) {
    case Reason::credentials: session.note_login_failure(); return err("[AUTH] Login or password is wrong");
    case Reason::malformed: session.note_login_failure(); return bad("That is no response of this mechanism");
    case Reason::unavailable: return err("[SYS/TEMP] Try again in a moment");
    }
    std::unreachable();
}

constexpr std::string_view in_the_clear = "[AUTH] Not without TLS: STLS comes first";

} // namespace

// Whether there is such a login is told by PASS alone, and not even there.
asio::awaitable<Answer> name_user(Session& session, wire::pop3::User& command) {
    if (!session.confidential()) co_return err(std::string(in_the_clear));
    session.user = std::move(command.name);
    co_return ok("Now the password");
}

asio::awaitable<Answer> check_password(Session& session, wire::pop3::Pass& command) {
    if (!session.confidential()) co_return err(std::string(in_the_clear));
    if (session.user.empty()) co_return bad("USER comes first");
    auto step = co_await office::log_in(session.office(), std::exchange(session.user, {}), std::move(command.password),
                                        session.connection().endpoints().peer_address);
    if (auto* identity = std::get_if<office::Identity>(&step))
        co_return co_await session.open_maildrop(std::move(*identity));
    co_return refuse(session, std::get<office::SaslFailure>(step));
}

asio::awaitable<Answer> authenticate(Session& session, wire::pop3::Auth& command) {
    auto connection = office::LoginConnection::of(session.connection(), session.confidential());
    if (command.mechanism.empty()) { // what clients asked before there was CAPA
        session.queue("+OK These mechanisms are there\r\n");
        for (auto const mechanism : office::sasl_mechanisms(connection)) session.queue(std::string(mechanism) + "\r\n");
        session.queue(".\r\n");
        co_return said();
    }
    auto const exchange = office::SaslExchange::begin(session.office(), command.mechanism, std::move(connection));
    if (!exchange && std::ranges::contains(office::sasl_mechanisms({{}, true, {}}), command.mechanism))
        co_return err(std::string(in_the_clear));
    if (!exchange) co_return bad("There is no such mechanism here");

    std::optional<std::string> response;
    if (command.initial_response) response = std::string(command.initial_response->reveal());
    while (true) {
        auto step = co_await exchange->step(std::move(response));
        if (auto* identity = std::get_if<office::Identity>(&step))
            co_return co_await session.open_maildrop(std::move(*identity));
        if (auto const* failure = std::get_if<office::SaslFailure>(&step)) co_return refuse(session, *failure);

        session.queue("+ " + text::base64_encode(std::get<office::SaslChallenge>(step).octets) + "\r\n");
        auto const line = co_await session.next_line(wire::pop3::exchange_line_limit);
        if (!line) co_return said();
        if (line->outcome == wire::Framing::too_long) co_return bad("Line too long");
        if (line->text == "*") co_return bad("Cancelled");
        response = line->outcome == wire::Framing::line ? text::base64_decode(line->text) : std::nullopt;
        if (!response) co_return bad("A response is base64");
    }
}

asio::awaitable<Answer> start_tls(Session& session, wire::pop3::Stls&) {
    if (session.connection().is_tls()) co_return bad("TLS is on already");
    auto const tls = session.office().tls_for_logins();
    if (!tls) co_return err("There is no TLS here");
    if (session.utf8) co_return bad("STLS comes before UTF8"); // RFC 6856 §2.1
    // RFC 2595 §4: what the client sends next is the handshake, and after it nothing said before counts.
    session.queue("+OK Begin TLS now\r\n");
    session.begin_again();
    session.user.clear();
    if (!co_await session.connection().start_tls(*tls)) session.end();
    co_return said();
}

asio::awaitable<Answer> switch_to_utf8(Session& session, wire::pop3::Utf8&) {
    session.utf8 = true;
    co_return ok("Messages are sent as they are");
}

} // namespace postern::pop3
