#include "tls_connection.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <format>
#include <stdexcept>

namespace postern::bench {

namespace {

SSL_CTX* context() {
    static SSL_CTX* const made = [] {
        SSL_CTX* const fresh = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_session_cache_mode(fresh, SSL_SESS_CACHE_OFF);
        return fresh;
    }();
    return made;
}

SSL* as_ssl(void* ssl) { return static_cast<SSL*>(ssl); }

[[noreturn]] void fail(char const* what) {
    char reason[256];
    ERR_error_string_n(ERR_get_error(), reason, sizeof reason);
    throw std::runtime_error(std::format("TLS: {}: {}", what, reason));
}

} // namespace

TlsConnection::TlsConnection(int socket) : ssl_(SSL_new(context())) {
    SSL_set_fd(as_ssl(ssl_), socket);
    if (SSL_connect(as_ssl(ssl_)) != 1) {
        SSL_free(as_ssl(ssl_));
        fail("handshake");
    }
}

TlsConnection::~TlsConnection() {
    SSL_shutdown(as_ssl(ssl_));
    SSL_free(as_ssl(ssl_));
}

void TlsConnection::write(std::string_view octets) {
    std::size_t written = 0;
    if (SSL_write_ex(as_ssl(ssl_), octets.data(), octets.size(), &written) != 1) fail("write");
}

std::size_t TlsConnection::read(std::span<char> into) {
    std::size_t size = 0;
    return SSL_read_ex(as_ssl(ssl_), into.data(), into.size(), &size) == 1 ? size : 0;
}

std::string TlsConnection::description() const {
    return std::format("{}_{}", SSL_get_version(as_ssl(ssl_)), SSL_get_cipher(as_ssl(ssl_)));
}

} // namespace postern::bench
