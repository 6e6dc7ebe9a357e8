// One connection to a provider: dialled, secured, logged in to. What speaks IMAP, POP3, or SMTP with a server that
// keeps mail for us, is built on it.
#pragma once

#include "fetch/failure.h"
#include "fetch/intake.h"
#include "net/connection.h"
#include "net/dialer.h"
#include "net/event.h"
#include "office/office.h"
#include "office/server_trust.h"
#include "store/records.h"

#include <boost/asio/awaitable.hpp>

#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace postern::fetch {

class Provider {
public:
    // How long a connection may take, and how long the provider may be silent, which a link that died is.
    static constexpr std::chrono::seconds dial_time{30};
    static constexpr std::chrono::seconds reply_time{120};

    // Octets that are asked for before the first of them came: what a link carries in a second or so, whatever its
    // delay.
    static constexpr std::uint64_t window = 256 * 1024UZ;

    // Messages up to this come before all that are larger.
    static constexpr std::uint64_t small_octets = 64 * 1024UZ;

    using Opened = std::expected<std::unique_ptr<Provider>, Failure>;

    // All of these outlive what comes of it.
    static asio::awaitable<Opened> open(office::Office& office, net::Dialer& dialer, Intake& intake,
                                        office::TlsTrust const& trust);
    virtual ~Provider() = default;
    Provider(Provider const&) = delete;
    Provider& operator=(Provider const&) = delete;

    [[nodiscard]] net::Connection& connection() { return connection_; }
    // "192.0.2.1 port 993, TLSv1.3 ..., logged in as office, 12 messages in INBOX": for `postern fetch test`.
    [[nodiscard]] std::string description() const;

    // Fetches all that is new, and then removes or marks what is to be so at the provider.
    virtual asio::awaitable<std::optional<Failure>> collect() = 0;
    // Until there may be something new, or `wake` is raised. False: this connection does not hear of it.
    virtual asio::awaitable<std::expected<bool, Failure>> wait_for_news(net::Event& wake) = 0;
    // Says goodbye and closes; does not wait long for the answer.
    virtual asio::awaitable<void> quit() = 0;

protected:
    Provider(office::Office& office, Intake& intake, net::Dialed dialed, net::MemoryShare memory);

    [[nodiscard]] store::FetchSource const& source() const { return intake_.source; }
    [[nodiscard]] Bringer bringer() const;

    // More input; otherwise the connection is of no use any more, and lost() says why.
    asio::awaitable<bool> fill(std::chrono::seconds patience = reply_time);
    void break_off(std::string why) { why_ = std::move(why); }
    [[nodiscard]] Failure lost(std::string_view when) const;
    [[nodiscard]] Failure failed(Trouble trouble, std::string_view what) const; // "host port n: what"
    [[nodiscard]] Failure answered(Trouble trouble, std::string_view to, std::string_view text) const;

    asio::awaitable<std::optional<Failure>> start_tls(office::TlsTrust const& trust);

    // What the provider says in an exchange of SASL.
    struct LoginAnswer {
        enum class Kind : std::uint8_t { challenge, done, refused, busy } kind;
        std::string text; // a challenge's as it came, base64
    };
    // RFC 4422. `command`: "A1 AUTHENTICATE". Nothing is done where none of what is offered fits: false.
    asio::awaitable<std::expected<bool, Failure>>
    authenticate(std::string command, std::span<std::string const> offered, bool initial_response);
    virtual asio::awaitable<std::expected<LoginAnswer, Failure>> login_answer() = 0;

    // What the protocol has of it: the greeting, TLS where it begins later, the login, the mailbox.
    virtual asio::awaitable<std::optional<Failure>> begin(office::TlsTrust const& trust) = 0;

    office::Office& office_;
    Intake& intake_;
    net::Connection connection_;
    std::string contents_; // "12 messages in INBOX"

private:
    std::string why_;
};

} // namespace postern::fetch
