// The client's side of a login by SASL (RFC 4422), for SMTP, IMAP and POP3 alike: SCRAM-SHA-256 with and without -PLUS,
// PLAIN, LOGIN, and OAUTHBEARER (RFC 7628) and XOAUTH2 where there is an access token instead of a password. What goes
// over the line is base64 there, and octets here. Pure; one thread, whichever that is.
#pragma once

#include "core/secret.h"
#include "wire/sasl_fault.h"

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace postern::wire {

struct SaslCredentials {
    enum class Kind : std::uint8_t { password, access_token }; // RFC 6750

    std::string login; // UTF-8
    core::Secret secret;
    Kind kind = Kind::password;
};

// What of the connection matters.
struct SaslConnection {
    // It is under TLS with whom it should be, or somebody takes the risk: passwords and tokens may be said on it.
    bool confidential = false;
    // RFC 5802 §6. Both empty: it has none. Where a server that offers -PLUS does not know this type of binding, an
    // exchange without any is what is left.
    std::string binding_type{}; // "tls-exporter"
    std::string binding{};
};

class SaslClient {
public:
    // Begins the best mechanism, whichever case it is `offered` in, that both sides know, that fits the credentials,
    // and that does not give them away. `nonce`: printable ASCII without comma, at least 18 octets' worth of chance.
    // Nothing if there is no such mechanism.
    static std::unique_ptr<SaslClient> choose(std::span<std::string const> offered, SaslCredentials credentials,
                                              SaslConnection connection, std::string_view nonce);
    virtual ~SaslClient() = default;

    // "SCRAM-SHA-256"
    [[nodiscard]] std::string_view mechanism() const { return mechanism_; }
    // What goes along with the command; nothing from LOGIN, in which the server speaks first. Where the protocol has no
    // room for it, it is not asked for, and is the response to the first challenge, which then is empty.
    [[nodiscard]] std::optional<core::Secret> initial_response();
    // The response to the server's next challenge. After a fault: cancel, and do not believe what the server says.
    // Burns processor for SCRAM, up to a second on a small board.
    [[nodiscard]] std::expected<core::Secret, SaslFault> respond(std::string_view challenge);
    // All was said, and the server proved who it is where the mechanism has it do so. If it says before that the login
    // succeeded, it is not the one that it should be.
    [[nodiscard]] virtual bool complete() const = 0;

protected:
    explicit SaslClient(std::string_view mechanism) : mechanism_(mechanism) {}
    [[nodiscard]] bool begun() const { return begun_; }

private:
    virtual std::optional<core::Secret> first() = 0;
    virtual std::expected<core::Secret, SaslFault> next(std::string_view challenge) = 0;

    std::string_view mechanism_;
    bool begun_ = false; // the initial response is given, if there is one
};

} // namespace postern::wire
