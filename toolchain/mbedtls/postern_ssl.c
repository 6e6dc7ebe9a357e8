#include "postern_ssl.h"

#include "mbedtls/oid.h"
#include "mbedtls/platform.h"
#include "ssl_misc.h"

#include <string.h>

// Enough for the sequence number, which mbedTLS keeps at the buffer's start, and a record's header.
enum { least_input = 64 };

static int replace_input(mbedtls_ssl_context* ssl, size_t size) {
    unsigned char* const fresh = mbedtls_calloc(1, size);
    if (fresh == NULL) return MBEDTLS_ERR_SSL_ALLOC_FAILED;
    memcpy(fresh, ssl->in_buf, MBEDTLS_SSL_SEQUENCE_NUMBER_LEN);
    mbedtls_zeroize_and_free(ssl->in_buf, ssl->in_buf_len);
    ssl->in_buf = fresh;
    ssl->in_buf_len = size;
    mbedtls_ssl_reset_in_pointers(ssl);
    return 0;
}

void postern_ssl_end_handshake(mbedtls_ssl_context* ssl) {
    if (ssl->handshake != NULL && mbedtls_ssl_is_handshake_over(ssl))
        mbedtls_ssl_handshake_wrapup_free_hs_transform(ssl);
}

void postern_ssl_free_input(mbedtls_ssl_context* ssl) {
    int const is_empty = ssl->in_left == 0 && ssl->badmac_seen_or_in_hsfraglen == 0 && !mbedtls_ssl_check_pending(ssl);
    if (is_empty && ssl->in_buf_len > least_input && mbedtls_ssl_is_handshake_over(ssl))
        replace_input(ssl, least_input); // which is no harm if it fails
}

int postern_ssl_need_input(mbedtls_ssl_context* ssl) {
    return ssl->in_buf_len > least_input ? 0 : replace_input(ssl, MBEDTLS_SSL_IN_BUFFER_LEN);
}

int postern_ssl_has_peer_certificate(mbedtls_ssl_session const* session) { return session->peer_cert != NULL; }

static int accept_of_an_authority(void* context, mbedtls_x509_crt const* certificate, mbedtls_x509_buf const* oid,
                                  int critical, unsigned char const* begin, unsigned char const* end) {
    (void)context, (void)critical, (void)begin, (void)end;
    int const is_own_issuer =
        certificate->issuer_raw.len == certificate->subject_raw.len &&
        memcmp(certificate->issuer_raw.p, certificate->subject_raw.p, certificate->subject_raw.len) == 0;
    return is_own_issuer && MBEDTLS_OID_CMP(MBEDTLS_OID_NAME_CONSTRAINTS, oid) == 0
               ? 0
               : MBEDTLS_ERR_X509_FEATURE_UNAVAILABLE;
}

// What TLS calls for each certificate that a peer sends. Many send the authority's own along, as OpenSSL does, which is
// of no use: we have it, or do not trust it. mbedTLS would refuse its critical name constraints, which it does not know,
// and the whole handshake with them. Those of an authority that another one vouches for do count, and are refused.
int postern_crt_parse_der(mbedtls_x509_crt* chain, unsigned char const* der, size_t size) {
    return mbedtls_x509_crt_parse_der_with_ext_cb(chain, der, size, 1, accept_of_an_authority, NULL);
}
