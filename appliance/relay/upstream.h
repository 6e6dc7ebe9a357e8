// One connection to a relay: dialled, secured, greeted and logged in to, ready for mail (RFC 5321 §3.1, RFC 3207,
// RFC 4954).
#pragma once

#include "net/connection.h"
#include "net/dialer.h"
#include "office/office.h"
#include "office/server_trust.h"
#include "store/records.h"
#include "wire/smtp_extensions.h"
#include "wire/smtp_reply_reader.h"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace postern::relay {

namespace asio = boost::asio;

// What kept us from it.
enum class Trouble : std::uint8_t {
    unreachable, // no name, no connection, silence, or it is too busy: the link may be down, and mail waits
    refused,     // it answered and takes no mail from us
    tls,         // the connection cannot be secured as the administrator wants it
    login,       // it does not take our login
};

// For an administrator: what happened, to what.
struct OpenFailure {
    Trouble trouble;
    std::string reason;
};

using office::TlsTrust;

class Upstream {
public:
    // How long a connection may take, and how long the relay may be silent: less than RFC 5321 §4.5.3.2 grants, since a
    // link that died must be noticed while the next one is there; but what it says at the end of a message is waited
    // for (§4.5.3.2.6), because a message that is sent again would be there twice.
    static constexpr std::chrono::seconds dial_time{30};
    static constexpr std::chrono::seconds reply_time{120};
    static constexpr std::chrono::seconds end_of_data_time{600};

    using Opened = std::expected<std::unique_ptr<Upstream>, OpenFailure>;

    // `host`: the relay's, or of one that is direct that of an exchanger. All else outlives what comes of it.
    static asio::awaitable<Opened> open(office::Office& office, net::Dialer& dialer, store::Relay const& relay,
                                        std::string host, TlsTrust const& trust);
    Upstream(Upstream const&) = delete;
    Upstream& operator=(Upstream const&) = delete;

    [[nodiscard]] wire::smtp::Extensions const& extensions() const { return extensions_; }
    [[nodiscard]] net::Connection& connection() { return connection_; }
    [[nodiscard]] std::string const& host() const { return host_; }
    // Begun on this connection.
    void count_transaction() { ++transactions_; }
    [[nodiscard]] std::size_t transactions() const { return transactions_; }
    // One was begun that did not come to its end, and for the relay it may still go on (RFC 5321 §4.1.1.5).
    void leave_open(bool open) { left_open_ = open; }
    [[nodiscard]] bool is_left_open() const { return left_open_; }
    // "TLSv1.3 ..., as relay.example.net": what the connection came to, for `postern relay test`.
    [[nodiscard]] std::string description() const;

    void queue(std::string_view octets) { connection_.queue(octets); }
    // Sends what is queued and waits for the next reply. Nothing: the connection broke, or what came is no SMTP; then
    // why() says what.
    asio::awaitable<std::optional<wire::smtp::ServerReply>> reply(std::chrono::seconds patience = reply_time);
    [[nodiscard]] std::string const& why() const { return why_; }

    // Says QUIT and closes; does not wait long for the answer.
    asio::awaitable<void> quit();

private:
    Upstream(office::Office& office, store::Relay const& relay, std::string host, net::Dialed dialed);

    static asio::awaitable<Opened> open_once(office::Office& office, net::Dialer& dialer, store::Relay const& relay,
                                             std::string const& host, TlsTrust const& trust,
                                             store::RelaySecurity security);
    asio::awaitable<std::optional<OpenFailure>> greet();
    asio::awaitable<std::optional<OpenFailure>> say_hello();
    asio::awaitable<std::optional<OpenFailure>> secure(TlsTrust const& trust, store::RelaySecurity security);
    asio::awaitable<std::optional<OpenFailure>> start_tls(TlsTrust const& trust);
    asio::awaitable<std::optional<OpenFailure>> log_in();
    [[nodiscard]] OpenFailure lost(std::string_view when) const;
    [[nodiscard]] OpenFailure answered(Trouble trouble, std::string_view to,
                                       wire::smtp::ServerReply const& reply) const;

    office::Office& office_;
    store::Relay const& relay_;
    std::string const host_;
    net::Event never_; // a message is not broken off because we stop: nobody would know what became of it
    net::Connection connection_;
    wire::smtp::ReplyReader replies_;
    wire::smtp::Extensions extensions_;
    std::string why_;
    std::size_t transactions_ = 0;
    bool logged_in_ = false;
    bool left_open_ = false;
};

} // namespace postern::relay
