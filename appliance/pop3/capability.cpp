#include "pop3/capability.h"

#include "text/ascii.h"

namespace postern::pop3 {

namespace {

// RFC 1939 §7, RFC 2449 §6, RFC 3206 §3, RFC 6856 §2, §3: nothing that is left on the server expires, and whoever asks
// often may.
constexpr std::string_view everywhere =
    "TOP\r\nUIDL\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\nEXPIRE NEVER\r\nLOGIN-DELAY 0\r\nUTF8 USER\r\n"
    "LANG\r\nIMPLEMENTATION Postern\r\n";

} // namespace

asio::awaitable<Answer> tell_capabilities(Session& session, wire::pop3::Capa&) {
    std::string text = "+OK This is what there is\r\n";
    text += everywhere;
    if (session.confidential()) text += "USER\r\n";
    text += "SASL";
    for (auto const mechanism :
         office::sasl_mechanisms(office::LoginConnection::of(session.connection(), session.confidential())))
        text.append(" ").append(mechanism);
    text += "\r\n";
    if (session.state() == State::authorization && session.offers_tls()) text += "STLS\r\n";
    session.queue(text + ".\r\n");
    co_return said();
}

asio::awaitable<Answer> choose_language(Session& session, wire::pop3::Lang& command) {
    if (command.tag.empty()) {
        session.queue("+OK There is one\r\nen English\r\n.\r\n");
        co_return said();
    }
    for (std::string_view const tag : {"en", "i-default", "*"})
        if (text::iequals(command.tag, tag)) co_return ok("en It is spoken here");
    co_return err("There is English alone");
}

} // namespace postern::pop3
