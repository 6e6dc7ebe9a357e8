// TLS 1.2 and 1.3 by mbedTLS over any Stream (RFC 8446, RFC 5246; choices after RFC 9325): ECDHE with AES-GCM or
// ChaCha20-Poly1305 only, X25519 and P-256, session tickets, no renegotiation, no compression, no early data.
//
// A TlsServer or TlsClient is what many connections share; it may be used by several threads. A TlsStream belongs to
// one executor and keeps what it needs of them alive.
#pragma once

#include "core/secret.h"

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace postern::net {

// A certificate with its chain, leaf first, and its key, both PEM.
struct TlsIdentity {
    std::string certificates;
    core::Secret key;
};

class Certificates;
class Stream;
class TlsContext;
class TlsStream;

class TlsServer {
public:
    struct Options {
        std::vector<std::string> alpn; // RFC 7301 names, preferred first; empty: whatever a client asks for is ignored
        // Runs work on another thread, so that handshakes stall nobody; empty: they are computed on the stream's own.
        // No more than most_elsewhere wait for it at a time: those beyond are computed on the stream's own thread, too.
        std::function<void(std::move_only_function<void()> work)> elsewhere;
        std::string client_authority; // PEM: whose certificates a client may show, where it is asked (asking())
    };
    static constexpr unsigned most_elsewhere = 16;

    // The error is a sentence that says what is wrong with the identity.
    static std::expected<std::shared_ptr<TlsServer>, std::string> make(TlsIdentity const& identity,
                                                                       Options options = {});

    [[nodiscard]] std::unique_ptr<TlsStream> wrap(std::unique_ptr<Stream> lower) const;
    // The same server, which asks each client for a certificate, and goes on without one. A client that showed one gets
    // no shorter handshake later: a ticket does not prove it again.
    [[nodiscard]] std::shared_ptr<TlsServer> asking() const;
    // And for one that this authority signed, or that is this very one (PEM), whoever signed it; not for ours.
    [[nodiscard]] std::expected<std::shared_ptr<TlsServer>, std::string> asking(std::string const& authority) const;
    // Handshakes that a ticket of ours shortened.
    [[nodiscard]] std::uint64_t resumptions() const;

private:
    explicit TlsServer(std::shared_ptr<TlsContext> context, bool asks = false)
        : context_(std::move(context)), asks_(asks) {}
    std::shared_ptr<TlsContext> context_;
    bool asks_;
    std::shared_ptr<Certificates> client_authority_; // null: the context's
};

class TlsClient {
public:
    struct Options {
        std::string trusted; // PEM; empty: the server's certificate is not verified
        // In place of that: raw, of the public key that the server must have (key_digest.h), whatever its certificate
        // says; empty: any.
        std::string key_digest{};
        std::vector<std::string> alpn;
        bool tls13 = true;
        bool any_time = false; // a certificate that is over, or not valid yet, is as good as another
    };
    static std::expected<std::shared_ptr<TlsClient>, std::string> make(Options const& options);

    // server_name is sent (RFC 6066 §3) and, unless nothing is trusted, must be in the certificate. The next handshake
    // with the same name offers the session of the last one.
    [[nodiscard]] std::unique_ptr<TlsStream> wrap(std::unique_ptr<Stream> lower, std::string server_name) const;

private:
    explicit TlsClient(std::shared_ptr<TlsContext> context) : context_(std::move(context)) {}
    std::shared_ptr<TlsContext> context_;
};

} // namespace postern::net
