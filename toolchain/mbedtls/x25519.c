// The public half of an X25519 key by Everest's arithmetic. PSA, on which TLS 1.3 stands, would find it with mbedTLS's
// arithmetic for curves in general, in seven times the time: more than half of what a handshake costs a server.
// CMakeLists.txt makes PSA call this.
#include "Hacl_Curve25519.h"
#include "psa_crypto_ecp.h"

enum { x25519_bits = 255, x25519_size = 32 }; // RFC 7748 §5

psa_status_t postern_ecp_export_public_key(psa_key_attributes_t const* attributes, uint8_t const* key, size_t key_size,
                                           uint8_t* data, size_t data_size, size_t* data_length) {
    if (psa_get_key_type(attributes) != PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_MONTGOMERY) ||
        psa_get_key_bits(attributes) != x25519_bits || key_size != x25519_size)
        return mbedtls_psa_ecp_export_public_key(attributes, key, key_size, data, data_size, data_length);
    if (data_size < x25519_size) return PSA_ERROR_BUFFER_TOO_SMALL;
    uint8_t base_point[x25519_size] = {9};
    Hacl_Curve25519_crypto_scalarmult(data, (uint8_t*)key, base_point);
    *data_length = x25519_size;
    return PSA_SUCCESS;
}
