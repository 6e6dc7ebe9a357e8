// What mbedTLS keeps for each connection for as long as that lasts, and an idle one can do without.
#pragma once

#include <mbedtls/ssl.h>

#ifdef __cplusplus
extern "C" {
#endif

// To be called once the handshake is over, on a server. It frees what only the handshake needed, and its output buffer
// shrinks to the longest record: mbedTLS does so itself for TLS 1.2, but not for 1.3.
void postern_ssl_end_handshake(mbedtls_ssl_context* ssl);

// Frees the input buffer if nothing is in it.
void postern_ssl_free_input(mbedtls_ssl_context* ssl);
// Brings it back: to be called before mbedtls_ssl_read when there is something to be received. Zero, or
// MBEDTLS_ERR_SSL_ALLOC_FAILED.
int postern_ssl_need_input(mbedtls_ssl_context* ssl);

// Whether the peer showed a certificate in the handshake that the session came from.
int postern_ssl_has_peer_certificate(mbedtls_ssl_session const* session);

#ifdef __cplusplus
}
#endif
