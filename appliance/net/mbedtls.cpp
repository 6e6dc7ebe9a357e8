#include "net/mbedtls.h"

#include "core/secret.h"

#include <mbedtls/error.h>
#include <mbedtls/md.h>
#include <mbedtls/oid.h>
#include <mbedtls/pem.h>
#include <mbedtls/ssl.h>
#include <psa/crypto.h>

#include <cstring>

namespace postern::net {

namespace {

class MbedtlsCategory final : public std::error_category {
    [[nodiscard]] char const* name() const noexcept override { return "tls"; }
    [[nodiscard]] std::string message(int code) const override {
        char text[128];
        mbedtls_strerror(-code, text, sizeof text);
        return text;
    }
};

int take_name_constraints(void* into, mbedtls_x509_crt const*, mbedtls_x509_buf const* oid, int critical,
                          unsigned char const* begin, unsigned char const* end) {
    if (MBEDTLS_OID_CMP(MBEDTLS_OID_NAME_CONSTRAINTS, oid) != 0)
        return critical != 0 ? MBEDTLS_ERR_X509_FEATURE_UNAVAILABLE : 0;
    static_cast<std::string*>(into)->assign(begin, end);
    return 0;
}

} // namespace

std::error_code mbedtls_error(int code) {
    static MbedtlsCategory const category;
    return {-code, category};
}

bool mbedtls_ready() { return psa_crypto_init() == PSA_SUCCESS; }

int random_octets(void*, unsigned char* into, std::size_t size) {
    return psa_generate_random(into, size) == PSA_SUCCESS ? 0 : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

std::string end_point_hash(mbedtls_x509_crt const& certificate) {
    mbedtls_md_type_t hash = MBEDTLS_MD_NONE;
    mbedtls_pk_type_t key = MBEDTLS_PK_NONE;
    if (mbedtls_oid_get_sig_alg(&certificate.sig_oid, &hash, &key) != 0) return {};
    if (hash == MBEDTLS_MD_MD5 || hash == MBEDTLS_MD_SHA1) hash = MBEDTLS_MD_SHA256;
    auto const* const algorithm = mbedtls_md_info_from_type(hash);
    if (algorithm == nullptr) return {};
    std::string digest(mbedtls_md_get_size(algorithm), '\0');
    int const failed =
        mbedtls_md(algorithm, certificate.raw.p, certificate.raw.len, reinterpret_cast<unsigned char*>(digest.data()));
    return failed == 0 ? digest : std::string();
}

std::error_code Certificates::parse(std::string const& pem) {
    mbedtls_pem_context block;
    mbedtls_pem_init(&block);
    int result = MBEDTLS_ERR_X509_INVALID_FORMAT;
    for (std::size_t at = pem.find("-----BEGIN CERTIFICATE-----"); at != std::string::npos;
         at = pem.find("-----BEGIN CERTIFICATE-----", at)) {
        std::size_t used = 0;
        result = mbedtls_pem_read_buffer(&block, "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----",
                                         reinterpret_cast<unsigned char const*>(pem.c_str() + at), nullptr, 0, &used);
        std::string constraints;
        if (result == 0) {
            std::size_t size = 0;
            unsigned char const* const der = mbedtls_pem_get_buffer(&block, &size);
            bool const is_first = first_.raw.p == nullptr;
            result = mbedtls_x509_crt_parse_der_with_ext_cb(&first_, der, size, 1, take_name_constraints, &constraints);
            if (is_first) name_constraints_ = std::move(constraints);
        }
        mbedtls_pem_free(&block);
        if (result != 0) break;
        at += used;
    }
    return result == 0 ? std::error_code{} : mbedtls_error(result);
}

std::error_code PrivateKey::parse(std::string_view pem) {
    std::string text(pem);
    int const result = mbedtls_pk_parse_key(&key_, reinterpret_cast<unsigned char const*>(text.c_str()),
                                            text.size() + 1, nullptr, 0, random_octets, nullptr);
    core::wipe(text);
    return result == 0 ? std::error_code{} : mbedtls_error(result);
}

bool PrivateKey::belongs_to(mbedtls_x509_crt const& certificate) const {
    return mbedtls_pk_check_pair(&certificate.pk, &key_, random_octets, nullptr) == 0;
}

} // namespace postern::net
