// mbedTLS's objects as C++ ones: they free themselves, and its error codes are std::error_codes. Internal to net.
#pragma once

#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>

#include <expected>
#include <string>
#include <string_view>
#include <system_error>

namespace postern::net {

// One of mbedTLS's MBEDTLS_ERR_ numbers.
[[nodiscard]] std::error_code mbedtls_error(int code);

// Before anything else of mbedTLS; any number of times, any thread. False if there is no randomness to be had.
[[nodiscard]] bool mbedtls_ready();

// What an encoded field of a certificate holds.
[[nodiscard]] inline std::string_view octets_of(mbedtls_x509_buf const& field) {
    return {reinterpret_cast<char const*>(field.p), field.len};
}

// Randomness in the shape that mbedTLS asks for (f_rng).
int random_octets(void*, unsigned char* into, std::size_t size);

// A certificate, or several in a row.
class Certificates {
public:
    Certificates() { mbedtls_x509_crt_init(&first_); }
    Certificates(Certificates const&) = delete;
    Certificates& operator=(Certificates const&) = delete;
    ~Certificates() { mbedtls_x509_crt_free(&first_); }

    // PEM, all that are in there. Unlike mbedTLS's own, takes critical name constraints, which nobody checks here: for
    // certificates that are trusted already (RFC 5280 §6.1.1: of a trust anchor, name and key are what counts) or that
    // are ours to show.
    [[nodiscard]] std::error_code parse(std::string const& pem);
    [[nodiscard]] mbedtls_x509_crt& first() { return first_; }
    // The value of the first one's name constraints, DER; empty without.
    [[nodiscard]] std::string const& name_constraints() const { return name_constraints_; }

private:
    mbedtls_x509_crt first_;
    std::string name_constraints_;
};

// RFC 5929 §4.1: its digest, by the hash of its signature, or SHA-256 for a weaker one; empty where there is none.
[[nodiscard]] std::string end_point_hash(mbedtls_x509_crt const& certificate);

class PrivateKey {
public:
    PrivateKey() { mbedtls_pk_init(&key_); }
    PrivateKey(PrivateKey const&) = delete;
    PrivateKey& operator=(PrivateKey const&) = delete;
    ~PrivateKey() { mbedtls_pk_free(&key_); }

    [[nodiscard]] std::error_code parse(std::string_view pem); // without a passphrase
    [[nodiscard]] bool belongs_to(mbedtls_x509_crt const& certificate) const;
    [[nodiscard]] mbedtls_pk_context& get() { return key_; }

private:
    mbedtls_pk_context key_;
};

} // namespace postern::net
