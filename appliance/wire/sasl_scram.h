// SCRAM-SHA-256 as both sides speak it (RFC 5802, RFC 7677): the password never crosses the network, and the server
// keeps nothing that logs in elsewhere. With -PLUS, the proof holds on this one TLS connection only (RFC 5802 §6).
// Pure: nonces are parameters.
#pragma once

#include "wire/sasl_fault.h"

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace postern::wire {

// RFC 5802 §7 server-error-value, those that can happen here.
enum class ScramError : std::uint8_t {
    invalid_encoding,                    // not a message of this exchange
    extensions_not_supported,            // a mandatory extension, "m="
    invalid_proof,                       // the password was wrong
    channel_bindings_dont_match,         // the client-final-message does not repeat the GS2 header: tampered with
    server_does_support_channel_binding, // the client was made to believe that it does not
    channel_binding_not_supported,       // -PLUS with none, or one where -PLUS was not chosen
    unsupported_channel_binding_type,
    invalid_username_encoding,
};

// "invalid-proof"
[[nodiscard]] std::string_view server_error_value(ScramError error);

// RFC 5802 §3: what the server keeps of a password, 32 octets each.
struct ScramKeys {
    std::string stored_key;
    std::string server_key;
};

// RFC 5802 §3; `password` as prepare_password made it. Burns processor: about a millisecond for 4,096 iterations.
[[nodiscard]] ScramKeys derive_scram_keys(std::string_view password, std::string_view salt, std::uint32_t iterations);

// RFC 5802 §6: what the client was offered, and what of it it chose.
enum class ScramBinding : std::uint8_t {
    none,     // -PLUS was not offered
    declined, // it was, and is not what the client chose
    chosen,
};

// The server's side of one exchange: read, challenge, finish, each once and in this order.
class ScramExchange {
public:
    // The client-first-message.
    static std::expected<ScramExchange, ScramError> read(std::string_view client_first, ScramBinding binding);

    // "tls-exporter"; empty unless -PLUS was chosen.
    [[nodiscard]] std::string const& binding_type() const { return binding_type_; }
    [[nodiscard]] std::string const& username() const { return username_; }
    // authzid: who to act as; empty: as `username`.
    [[nodiscard]] std::string const& authorization_identity() const { return authorization_identity_; }

    // The server-first-message. `server_nonce`: printable ASCII without comma, at least 18 octets' worth of chance.
    std::string challenge(std::string_view server_nonce, std::string_view salt, std::uint32_t iterations);

    // The server-final-message for a client-final-message whose proof holds. `binding`: the connection's of
    // binding_type().
    [[nodiscard]] std::expected<std::string, ScramError> finish(std::string_view client_final, ScramKeys const& keys,
                                                                std::string_view binding = {}) const;

private:
    ScramExchange() = default;

    std::string gs2_header_; // "n,,"
    std::string binding_type_;
    std::string username_;
    std::string authorization_identity_;
    std::string nonce_;             // the client's, then both parts
    std::string client_first_bare_; // what both sides sign
    std::string server_first_;
};

// RFC 5802 §5.1 saslname: "," and "=" escaped; RFC 7628 has it, too.
[[nodiscard]] std::string encode_saslname(std::string_view name);

// What a client hashes its password for. RFC 7677 §4: at least 4,096 times, or who poses as the server could try
// passwords on the proof; and no more than takes a moment.
inline constexpr std::uint32_t fewest_scram_iterations = 4096;
inline constexpr std::uint32_t most_scram_iterations = 1'000'000;

// The client's side: client_first, respond, verify, each once and in this order.
class ScramClient {
public:
    // `gs2_cbind_flag`: "n", "y" or "p=tls-exporter", and with the last the connection's `binding` of that type.
    // `username`: prepared by SASLprep. `nonce`: as the server's.
    ScramClient(std::string_view gs2_cbind_flag, std::string binding, std::string_view username,
                std::string_view nonce);

    // The client-first-message.
    [[nodiscard]] std::string client_first() const { return gs2_header_ + client_first_bare_; }
    // The client-final-message for the server-first-message; `password` as prepare_password made it. Burns processor.
    std::expected<std::string, SaslFault> respond(std::string_view server_first, std::string_view password);
    // The server-final-message: whether the server knows the password.
    [[nodiscard]] std::expected<void, SaslFault> verify(std::string_view server_final) const;

private:
    std::string gs2_header_; // "n,,"
    std::string binding_;
    std::string nonce_;
    std::string client_first_bare_;
    std::string server_signature_; // the one that there has to be
};

} // namespace postern::wire
