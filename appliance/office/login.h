// Who may log in: SASL exchanges against the store's SCRAM verifiers. The protocol carries challenges and responses in
// its own way (SMTP 334, IMAP "+", POP3 "+"); this decides. A wrong password and a login that does not exist cannot be
// told apart, neither by answer nor by time; each failure from an address makes its next one slower (login_throttle.h).
// A login is taken in any case, with the office's domain or without: "alice", "Alice@office.lan".
#pragma once

#include "core/random.h"
#include "core/secret.h"
#include "net/connection.h"
#include "office/office.h"
#include "store/records.h"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern::office {

// Somebody who logged in. The account may be removed while the session lives: operations then say no_such_account.
struct Identity {
    store::AccountId account{};
    std::string login; // "alice"
    bool administrator = false;
};

// The login that somebody means: in lower case, and without the office's domain.
[[nodiscard]] std::string canonical_login(std::string_view given, std::string_view office_domain);

struct SaslChallenge {
    std::string octets; // to be sent in base64; SCRAM's last one carries the server's signature
};
struct SaslFailure {
    enum class Reason : std::uint8_t {
        credentials, // login, password or authorization identity
        malformed,   // not a message of the mechanism
        unavailable, // the store could not say; worth another try
    } reason;
};
// What a login comes over.
struct LoginConnection {
    std::string peer_address;
    bool confidential = false; // passwords may cross it: TLS is on, or login.allow_plaintext
    std::vector<net::ChannelBinding> bindings;
    std::optional<net::PeerCertificate> certificate = {};
    // Who comes over it is no person: this one's login is the only one, and what comes of it is no account's Identity.
    std::shared_ptr<store::Upstream const> upstream = {};

    static LoginConnection of(net::Connection const& connection, bool confidential);
};

using SaslStep = std::variant<SaslChallenge, Identity, SaslFailure>;

// The mechanisms on offer: {"EXTERNAL", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN"}; the first only where
// the client showed a certificate, the next where there is something to bind to, PLAIN and LOGIN where it is
// confidential.
[[nodiscard]] std::vector<std::string_view> sasl_mechanisms(LoginConnection const& connection);

// One AUTHENTICATE from its first to its last word.
class SaslExchange {
public:
    // Null for a mechanism that is not on offer.
    static std::unique_ptr<SaslExchange> begin(Office& office, std::string_view mechanism, LoginConnection connection);
    virtual ~SaslExchange() = default;

    // The client's next response, decoded from base64; nothing for the start of an exchange without initial response.
    // Waits as long as the throttle demands before it answers Identity or SaslFailure. May be a challenge even after
    // the proof was right (SCRAM's server-final-message): the client answers with an empty response then. After
    // Identity or SaslFailure the exchange is over.
    virtual asio::awaitable<SaslStep> step(std::optional<std::string> response) = 0;
};

// IMAP LOGIN, POP3 USER/PASS: the same check.
asio::awaitable<SaslStep> log_in(Office& office, std::string login, core::Secret password, std::string peer_address);

// What is kept of a new password (RFC 5802 §3). Burns processor: for the reader pool. Nothing for a password that not
// every client could send (wire::prepare_password). `salt`: random octets, scram_salt_octets of them.
inline constexpr std::size_t scram_salt_octets = 16;
[[nodiscard]] std::optional<store::ScramVerifier> make_verifier(core::Secret const& password, std::string salt,
                                                                std::uint32_t iterations);

} // namespace postern::office
