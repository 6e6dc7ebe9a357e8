#include "net/tls_context.h"

#include "net/tls.h"
#include "net/tls_stream.h"

#include <mbedtls/ssl_ciphersuites.h>
#include <postern_ssl.h>

#include <format>

namespace postern::net {

namespace {

// RFC 9325 §4.2: forward secrecy and AEAD only.
constexpr int cipher_suites[] = {
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    0,
};

constexpr std::uint16_t groups[] = {MBEDTLS_SSL_IANA_TLS_GROUP_X25519, MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
                                    MBEDTLS_SSL_IANA_TLS_GROUP_NONE};

constexpr std::uint32_t ticket_lifetime = 24 * 60 * 60; // seconds; their key changes as often

// A server's longest record: what its output buffer holds once the handshake is over.
constexpr unsigned char record_size = MBEDTLS_SSL_MAX_FRAG_LEN_4096;

constexpr std::size_t most_session_octets = 16 * 1024; // a session with the peer's certificate in it

} // namespace

TlsContext::TlsContext(TlsServer::Options options) : options_(std::move(options)) {
    mbedtls_ssl_config_init(&config_);
    mbedtls_ssl_ticket_init(&tickets_);
}

TlsContext::~TlsContext() {
    mbedtls_ssl_config_free(&config_);
    mbedtls_ssl_ticket_free(&tickets_);
}

std::error_code TlsContext::set_up(int endpoint) {
    if (!mbedtls_ready()) return mbedtls_error(MBEDTLS_ERR_SSL_INTERNAL_ERROR);
    if (int const failed =
            mbedtls_ssl_config_defaults(&config_, endpoint, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT))
        return mbedtls_error(failed);
    mbedtls_ssl_conf_rng(&config_, random_octets, nullptr);
    mbedtls_ssl_conf_min_tls_version(&config_, MBEDTLS_SSL_VERSION_TLS1_2);
    mbedtls_ssl_conf_max_tls_version(&config_, MBEDTLS_SSL_VERSION_TLS1_3);
    mbedtls_ssl_conf_ciphersuites(&config_, cipher_suites);
    mbedtls_ssl_conf_groups(&config_, groups);
    mbedtls_ssl_conf_renegotiation(&config_, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
    // A ticket alone, without a fresh key exchange, would give up forward secrecy (RFC 8446 §2.2).
    mbedtls_ssl_conf_tls13_key_exchange_modes(&config_, MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL |
                                                            MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_EPHEMERAL);
    if (options_.alpn.empty()) return {};
    for (std::string const& name : options_.alpn) alpn_list_.push_back(name.c_str());
    alpn_list_.push_back(nullptr);
    int const failed = mbedtls_ssl_conf_alpn_protocols(&config_, alpn_list_.data());
    return failed == 0 ? std::error_code{} : mbedtls_error(failed);
}

std::error_code TlsContext::set_up_server(std::string const& certificates, std::string_view key) {
    if (std::error_code const error = set_up(MBEDTLS_SSL_IS_SERVER)) return error;
    if (std::error_code const error = certificates_.parse(certificates)) return error;
    if (std::error_code const error = key_.parse(key)) return error;
    if (!key_.belongs_to(certificates_.first())) return mbedtls_error(MBEDTLS_ERR_X509_BAD_INPUT_DATA);
    if (int const failed = mbedtls_ssl_conf_own_cert(&config_, &certificates_.first(), &key_.get()))
        return mbedtls_error(failed);
    own_certificate_ = &certificates_.first();
    if (int const failed = mbedtls_ssl_conf_max_frag_len(&config_, record_size)) return mbedtls_error(failed);
    if (int const failed =
            mbedtls_ssl_ticket_setup(&tickets_, random_octets, nullptr, MBEDTLS_CIPHER_AES_256_GCM, ticket_lifetime))
        return mbedtls_error(failed);
    mbedtls_ssl_conf_session_tickets_cb(&config_, write_ticket, parse_ticket, this);
    return {};
}

std::error_code TlsContext::trust_clients_of(std::string const& authority) {
    if (std::error_code const error = client_authority_.parse(authority)) return error;
    mbedtls_ssl_conf_ca_chain(&config_, &client_authority_.first(), nullptr);
    return {};
}

// mbedTLS's ticket, and an octet that says whether the client had shown a certificate: which TLS 1.3's tickets do not
// keep, and whoever comes with one would be nobody. Who changes the octet harms himself alone.
int TlsContext::write_ticket(void* self, mbedtls_ssl_session const* session, unsigned char* begin,
                             unsigned char const* end, std::size_t* size, std::uint32_t* lifetime) {
    int const result =
        mbedtls_ssl_ticket_write(&static_cast<TlsContext*>(self)->tickets_, session, begin, end - 1, size, lifetime);
    if (result == 0) begin[(*size)++] = postern_ssl_has_peer_certificate(session) != 0 ? 1 : 0;
    return result;
}

int TlsContext::parse_ticket(void* self, mbedtls_ssl_session* session, unsigned char* ticket, std::size_t size) {
    auto& context = *static_cast<TlsContext*>(self);
    if (size == 0 || ticket[size - 1] != 0) return MBEDTLS_ERR_SSL_INVALID_MAC; // a whole handshake, then
    int const result = mbedtls_ssl_ticket_parse(&context.tickets_, session, ticket, size - 1);
    if (result == 0) ++context.resumptions_;
    return result;
}

std::error_code TlsContext::set_up_client(TlsClient::Options const& options) {
    if (std::error_code const error = set_up(MBEDTLS_SSL_IS_CLIENT)) return error;
    if (!options.tls13) mbedtls_ssl_conf_max_tls_version(&config_, MBEDTLS_SSL_VERSION_TLS1_2);
    mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(&config_,
                                                             MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
    if (!options.key_digest.empty()) { // which TlsStream looks at
        key_digest_ = options.key_digest;
        mbedtls_ssl_conf_authmode(&config_, MBEDTLS_SSL_VERIFY_OPTIONAL);
        return {};
    }
    any_time_ = options.any_time;
    if (options.trusted.empty()) {
        mbedtls_ssl_conf_authmode(&config_, MBEDTLS_SSL_VERIFY_NONE);
        return {};
    }
    mbedtls_ssl_conf_authmode(&config_, MBEDTLS_SSL_VERIFY_REQUIRED);
    if (std::error_code const error = certificates_.parse(options.trusted)) return error;
    mbedtls_ssl_conf_ca_chain(&config_, &certificates_.first(), nullptr);
    return {};
}

bool TlsContext::begin_elsewhere() {
    if (!options_.elsewhere) return false;
    if (++elsewhere_now_ <= TlsServer::most_elsewhere) return true;
    --elsewhere_now_;
    return false;
}

void TlsContext::keep_session(mbedtls_ssl_context& from, std::string const& server_name) {
    mbedtls_ssl_session session;
    mbedtls_ssl_session_init(&session);
    std::string octets(most_session_octets, '\0');
    std::size_t size = 0;
    bool const saved =
        mbedtls_ssl_get_session(&from, &session) == 0 &&
        mbedtls_ssl_session_save(&session, reinterpret_cast<unsigned char*>(octets.data()), octets.size(), &size) == 0;
    mbedtls_ssl_session_free(&session);
    if (saved) {
        core::Secret kept(std::string_view(octets).substr(0, size));
        std::lock_guard lock(mutex_);
        session_server_ = server_name;
        session_ = std::move(kept);
    }
    core::wipe(octets);
}

void TlsContext::offer_session(mbedtls_ssl_context& to, std::string const& server_name) {
    std::lock_guard lock(mutex_);
    if (session_.empty() || session_server_ != server_name) return;
    mbedtls_ssl_session session;
    mbedtls_ssl_session_init(&session);
    std::string_view const octets = session_.reveal();
    // If that fails, the handshake is a full one.
    if (mbedtls_ssl_session_load(&session, reinterpret_cast<unsigned char const*>(octets.data()), octets.size()) == 0)
        mbedtls_ssl_set_session(&to, &session);
    mbedtls_ssl_session_free(&session);
}

std::expected<std::shared_ptr<TlsServer>, std::string> TlsServer::make(TlsIdentity const& identity, Options options) {
    std::string const authority = std::move(options.client_authority);
    auto context = std::make_shared<TlsContext>(std::move(options));
    if (std::error_code const error = context->set_up_server(identity.certificates, identity.key.reveal()))
        return std::unexpected(std::format("TLS cannot use this certificate and key: {}", error.message()));
    if (!authority.empty())
        if (std::error_code const error = context->trust_clients_of(authority))
            return std::unexpected(std::format("TLS cannot use this authority's certificate: {}", error.message()));
    return std::shared_ptr<TlsServer>(new TlsServer(std::move(context)));
}

std::unique_ptr<TlsStream> TlsServer::wrap(std::unique_ptr<Stream> lower) const {
    return std::make_unique<TlsStream>(std::move(lower), context_, std::string{}, asks_, client_authority_);
}

std::shared_ptr<TlsServer> TlsServer::asking() const {
    return std::shared_ptr<TlsServer>(new TlsServer(context_, true));
}

std::expected<std::shared_ptr<TlsServer>, std::string> TlsServer::asking(std::string const& authority) const {
    auto const server = asking();
    server->client_authority_ = std::make_shared<Certificates>();
    if (std::error_code const error = server->client_authority_->parse(authority))
        return std::unexpected(std::format("TLS cannot use this certificate: {}", error.message()));
    return server;
}

std::uint64_t TlsServer::resumptions() const { return context_->resumptions(); }

std::expected<std::shared_ptr<TlsClient>, std::string> TlsClient::make(Options const& options) {
    auto context =
        std::make_shared<TlsContext>(TlsServer::Options{.alpn = options.alpn, .elsewhere = {}, .client_authority = {}});
    if (std::error_code const error = context->set_up_client(options))
        return std::unexpected(std::format("TLS cannot use these trusted certificates: {}", error.message()));
    return std::shared_ptr<TlsClient>(new TlsClient(std::move(context)));
}

std::unique_ptr<TlsStream> TlsClient::wrap(std::unique_ptr<Stream> lower, std::string server_name) const {
    return std::make_unique<TlsStream>(std::move(lower), context_, std::move(server_name));
}

} // namespace postern::net
