// What the connections of one TlsServer or TlsClient share. Internal to net.
#pragma once

#include "core/secret.h"
#include "net/mbedtls.h"
#include "net/tls.h"

#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ticket.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace postern::net {

// Any thread once it is set up: mbedTLS locks what it changes (MBEDTLS_THREADING_C).
class TlsContext {
public:
    explicit TlsContext(TlsServer::Options options);
    ~TlsContext();
    TlsContext(TlsContext const&) = delete;
    TlsContext& operator=(TlsContext const&) = delete;

    std::error_code set_up_server(std::string const& certificates, std::string_view key);
    std::error_code trust_clients_of(std::string const& authority);
    std::error_code set_up_client(TlsClient::Options const& options);

    [[nodiscard]] mbedtls_ssl_config const& config() const { return config_; }
    // TlsClient::Options
    [[nodiscard]] std::string const& key_digest() const { return key_digest_; }
    [[nodiscard]] bool any_time() const { return any_time_; }
    // A server's; null for a client.
    [[nodiscard]] mbedtls_x509_crt const* own_certificate() const { return own_certificate_; }
    [[nodiscard]] std::uint64_t resumptions() const { return resumptions_; }

    // Whether there is room for one more step of a handshake elsewhere; then its place is taken until end_elsewhere.
    [[nodiscard]] bool begin_elsewhere();
    void end_elsewhere() { --elsewhere_now_; }
    void elsewhere(std::move_only_function<void()> work) const { options_.elsewhere(std::move(work)); }

    // A client keeps its latest session, to offer it when it speaks to the same server again.
    void keep_session(mbedtls_ssl_context& from, std::string const& server_name);
    void offer_session(mbedtls_ssl_context& to, std::string const& server_name);

private:
    std::error_code set_up(int endpoint);
    static int write_ticket(void* self, mbedtls_ssl_session const* session, unsigned char* begin,
                            unsigned char const* end, std::size_t* size, std::uint32_t* lifetime);
    static int parse_ticket(void* self, mbedtls_ssl_session* session, unsigned char* ticket, std::size_t size);

    mbedtls_ssl_config config_;
    mbedtls_ssl_ticket_context tickets_;
    Certificates certificates_; // a server's own, or what a client trusts
    Certificates client_authority_;
    PrivateKey key_;
    std::string key_digest_;
    bool any_time_ = false;
    mbedtls_x509_crt const* own_certificate_ = nullptr;
    TlsServer::Options const options_;
    std::vector<char const*> alpn_list_;
    std::atomic<std::uint64_t> resumptions_ = 0;
    std::atomic<unsigned> elsewhere_now_ = 0;

    std::mutex mutex_; // for what follows
    std::string session_server_;
    core::Secret session_;
};

} // namespace postern::net
