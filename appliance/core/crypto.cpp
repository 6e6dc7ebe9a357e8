#include "core/crypto.h"

#include <mbedtls/md.h>
#include <mbedtls/pkcs5.h>
#include <mbedtls/sha256.h>

#include <stdexcept>

extern "C" { // this one header of mbedTLS 3.6 does not say it itself
#include <mbedtls/constant_time.h>
}

namespace postern::core {

namespace {

constexpr std::size_t digest_size = 32;

unsigned char const* octets_of(std::string_view text) { return reinterpret_cast<unsigned char const*>(text.data()); }
unsigned char* octets_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// mbedTLS reports only a missing algorithm or exhausted memory here: neither can be gone on from.
void require(int result, char const* what) {
    if (result != 0) throw std::runtime_error(what);
}

} // namespace

std::string sha256(std::string_view octets) {
    std::string digest(digest_size, '\0');
    require(mbedtls_sha256(octets_of(octets), octets.size(), octets_of(digest), 0), "SHA-256 failed");
    return digest;
}

std::string hmac_sha256(std::string_view key, std::string_view octets) {
    std::string digest(digest_size, '\0');
    require(mbedtls_md_hmac(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), octets_of(key), key.size(), octets_of(octets),
                            octets.size(), octets_of(digest)),
            "HMAC-SHA-256 failed");
    return digest;
}

std::string pbkdf2_sha256(std::string_view password, std::string_view salt, std::uint32_t iterations) {
    std::string key(digest_size, '\0');
    require(mbedtls_pkcs5_pbkdf2_hmac_ext(MBEDTLS_MD_SHA256, octets_of(password), password.size(), octets_of(salt),
                                          salt.size(), iterations, digest_size, octets_of(key)),
            "PBKDF2 failed");
    return key;
}

bool equal_in_constant_time(std::string_view left, std::string_view right) noexcept {
    return left.size() == right.size() && mbedtls_ct_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string to_hex(std::string_view octets) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    hex.reserve(octets.size() * 2);
    for (char const octet : octets) {
        hex += digits[static_cast<unsigned char>(octet) >> 4U];
        hex += digits[static_cast<unsigned char>(octet) & 15U];
    }
    return hex;
}

} // namespace postern::core
