// How we judge a server elsewhere that we log in to, and what our login may rest on: for relays, and for providers'
// mailboxes.
#pragma once

#include "net/connection.h"
#include "net/tls.h"
#include "office/office.h"
#include "store/records.h"
#include "wire/sasl_client.h"

#include <boost/asio/awaitable.hpp>

#include <expected>
#include <memory>
#include <string>
#include <utility>

namespace postern::office {

// By what a server's certificate is judged, and sessions that make the next handshake short. One a server, renewed when
// its settings change.
class TlsTrust {
public:
    // `authority`: of the server's row. Reads the system's authorities (ca-certificates) if it is empty: not for the
    // network thread. The error is a sentence.
    static std::expected<TlsTrust, std::string> make(store::RelaySecurity security, std::string authority);
    // The same for the network thread.
    static asio::awaitable<std::expected<TlsTrust, std::string>> make(Office& office, store::RelaySecurity security,
                                                                      std::string authority);

    [[nodiscard]] net::TlsClient const& client() const { return *client_; }

private:
    explicit TlsTrust(std::shared_ptr<net::TlsClient> client) : client_(std::move(client)) {}

    std::shared_ptr<net::TlsClient> client_;
};

// What a login on this connection may rest on. Where the administrator asked for no TLS, the risk is taken; but a
// server that anybody may pose as gets no password.
[[nodiscard]] wire::SaslConnection sasl_connection(net::Connection const& connection, store::RelaySecurity security);

// Chance enough for SaslClient::choose.
[[nodiscard]] std::string sasl_nonce(Office& office);

} // namespace postern::office
