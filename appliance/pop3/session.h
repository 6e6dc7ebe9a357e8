// One client's POP3 session (RFC 1939 with CAPA, PIPELINING, response codes, STLS, SASL, UTF8 and LANG): command lines
// are framed, parsed, looked up in one table (session.cpp), acted on and answered, one after another.
//
// - Nothing is deleted before QUIT, and QUIT is answered once that is on flash. A connection that ends otherwise
//   changes nothing.
// - An account has one session at a time (office/maildrop_lock.h).
// - Passwords cross under TLS alone, unless a setting says otherwise.
#pragma once

#include "net/connection.h"
#include "office/login.h"
#include "office/mail_events.h"
#include "office/maildrop_lock.h"
#include "office/office.h"
#include "pop3/answer.h"
#include "pop3/maildrop.h"
#include "pop3/retrieval.h"
#include "wire/line.h"
#include "wire/pop3_command.h"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace postern::pop3 {

// Holds the whole conversation and closes the connection.
asio::awaitable<void> serve(net::Connection& connection, office::Office& office);

// RFC 1939 §3; flags, since a command may be allowed in both. The update state is QUIT's.
enum class State : std::uint8_t { authorization = 1, transaction = 2 };

// What the actions of commands work on.
class Session {
public:
    Session(net::Connection& connection, office::Office& office);

    asio::awaitable<void> run();

    [[nodiscard]] net::Connection& connection() { return connection_; }
    [[nodiscard]] office::Office& office() { return office_; }
    [[nodiscard]] core::Settings const& settings() const { return *settings_; }

    [[nodiscard]] State state() const { return drop_ ? State::transaction : State::authorization; }
    // Whether passwords may cross this connection.
    [[nodiscard]] bool confidential() const;
    [[nodiscard]] bool offers_tls() const { return office_.tls != nullptr && !connection_.is_tls(); }

    // Enters the transaction state, if nobody else is in it for that account.
    asio::awaitable<Answer> open_maildrop(office::Identity identity);
    // A password was wrong, or an exchange failed: after a few of them the session ends.
    void note_login_failure() { ++login_failures_; }
    // In the transaction state.
    [[nodiscard]] office::MailClient client() const {
        return {drop_->login, connection_.endpoints().peer_address, "pop3"};
    }
    [[nodiscard]] Maildrop& maildrop() { return drop_->maildrop; }
    [[nodiscard]] Retrieval& retrieval() { return drop_->retrieval; }

    // What USER said, for PASS, which forgets it.
    std::string user;
    bool utf8 = false; // RFC 6856 §2.1

    void queue(std::string_view octets) { connection_.queue(octets); }
    // A line within a command. Nothing: the conversation is over.
    struct Line {
        wire::Framing outcome;
        std::string_view text; // until the next one is read
    };
    asio::awaitable<std::optional<Line>> next_line(std::size_t limit);
    // Whatever was read of further commands is forgotten: for STLS.
    void begin_again();
    // Nothing more is read; what is queued is sent.
    void end() { over_ = true; }

private:
    struct Drop {
        Drop(Session& session, std::string who, office::SignIns::SignIn signed_in, office::MaildropLocks::Lock held,
             Maildrop opened);
        std::string login;
        office::SignIns::SignIn sign_in;
        office::MaildropLocks::Lock lock;
        Maildrop maildrop;
        net::MemoryShare memory;
        Retrieval retrieval;
    };

    asio::awaitable<Answer> perform(Line line);
    void finish(Answer const& answer);

    net::Connection& connection_;
    office::Office& office_;
    std::shared_ptr<core::Settings const> settings_;
    wire::LineFramer framer_;
    std::size_t taken_ = 0; // of the input: what the last line lies in
    std::unique_ptr<Drop> drop_;
    bool over_ = false;
    unsigned bad_in_a_row_ = 0;
    unsigned login_failures_ = 0;
};

} // namespace postern::pop3
