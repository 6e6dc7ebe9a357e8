#include "imap/authenticate.h"

#include "text/base64.h"

#include <algorithm>
#include <utility>

namespace postern::imap {

namespace {

Answer welcome(Session& session, office::Identity identity) {
    session.log_in(std::move(identity));
    return ok(wire::imap::capability_code(session.capabilities()) + " Logged in");
}

Answer refuse(Session& session, office::SaslFailure failure) {
    using Reason = office::SaslFailure::Reason;
    switch (failure.reason) {
    case Reason::credentials:
        session.note_login_failure();
        return no("[AUTHENTICATIONFAILED] Login or password is wrong");
    case Reason::malformed: session.note_login_failure(); return bad("That is no response of this mechanism");
    case Reason::unavailable: return no("[UNAVAILABLE] Try again in a moment");
    }
    std::unreachable();
}

constexpr std::string_view in_the_clear = "[PRIVACYREQUIRED] Not without TLS";

} // namespace

asio::awaitable<Answer> start_tls(Session& session, wire::imap::StartTls&) {
    if (session.connection().is_tls()) co_return bad("TLS is on already");
    auto const tls = session.office().tls_for_logins();
    if (!tls) co_return no("[UNAVAILABLE] There is no TLS here");
    // RFC 4978 §3 has TLS come beneath compression, whose window then would hold what anybody may have said in the
    // clear.
    if (session.connection().is_compressed()) co_return no("[CANNOT] STARTTLS comes before COMPRESS");
    // RFC 3501 §6.2.1: what the client sends next is the handshake, and after it nothing said before counts.
    std::string line;
    wire::imap::put_tagged(line, session.tag(), wire::imap::Condition::ok, "Begin TLS now");
    session.queue(line);
    session.begin_again();
    if (!co_await session.connection().start_tls(*tls)) session.hang_up();
    co_return answered();
}

asio::awaitable<Answer> authenticate(Session& session, wire::imap::Authenticate& command) {
    auto const exchange = office::SaslExchange::begin(
        session.office(), command.mechanism, office::LoginConnection::of(session.connection(), session.confidential()));
    if (session.hides("AUTH=" + command.mechanism)) co_return no("[CANNOT] No such mechanism here");
    if (!exchange) {
        bool const with_tls = std::ranges::contains(office::sasl_mechanisms({{}, true, {}}), command.mechanism);
        co_return no(with_tls ? std::string(in_the_clear) : "[CANNOT] No such mechanism here");
    }

    std::optional<std::string> response;
    if (command.initial_response) response = std::string(command.initial_response->reveal());
    for (;;) {
        auto step = co_await exchange->step(std::move(response));
        if (auto* identity = std::get_if<office::Identity>(&step)) co_return welcome(session, std::move(*identity));
        if (auto const* failure = std::get_if<office::SaslFailure>(&step)) co_return refuse(session, *failure);

        std::string challenge;
        wire::imap::put_continuation(challenge, text::base64_encode(std::get<office::SaslChallenge>(step).octets));
        session.queue(challenge);
        auto event = co_await session.next_line();
        if (!event) co_return answered();
        auto* line = std::get_if<wire::imap::LineReady>(&*event);
        if (line == nullptr) co_return bad(std::string(std::get<wire::imap::Refused>(*event).reason));
        if (line->line == "*") co_return bad("Cancelled"); // RFC 3501 §6.2.2
        response = text::base64_decode(line->line);
        core::wipe(line->line);
        if (!response) co_return bad("A response is base64");
    }
}

asio::awaitable<Answer> log_in(Session& session, wire::imap::Login& command) {
    if (!session.confidential()) co_return no(std::string(in_the_clear)); // RFC 3501 §6.2.3, LOGINDISABLED
    auto step = co_await office::log_in(session.office(), std::move(command.user), std::move(command.password),
                                        session.connection().endpoints().peer_address);
    if (auto* identity = std::get_if<office::Identity>(&step)) co_return welcome(session, std::move(*identity));
    co_return refuse(session, std::get<office::SaslFailure>(step));
}

} // namespace postern::imap
