#include "net/pkcs12.h"

#include "core/crypto.h"
#include "net/der.h"
#include "net/mbedtls.h"

#include <mbedtls/aes.h>
#include <mbedtls/oid.h>

#include <algorithm>
#include <format>
#include <optional>

namespace postern::net {

namespace {

using der::tlv;

constexpr std::uint32_t key_iterations = 50'000;
constexpr std::size_t key_salt_octets = 16;
constexpr std::size_t cipher_block = 16;

// RFC 7292 appendix D
constexpr char const* shrouded_key_bag = MBEDTLS_OID_PKCS12 "\x0a\x01\x02";
constexpr char const* certificate_bag = MBEDTLS_OID_PKCS12 "\x0a\x01\x03";
constexpr char const* x509_certificate = MBEDTLS_OID_PKCS9 "\x16\x01";
// RFC 2985 §5.5
constexpr char const* friendly_name = MBEDTLS_OID_PKCS9 "\x14";
constexpr char const* local_key_id = MBEDTLS_OID_PKCS9 "\x15";

std::string oid(char const* octets) { return tlv(der::object_identifier, octets); }

// Below 2^31.
std::string integer(std::uint32_t number) {
    std::string octets;
    do {
        octets.insert(octets.begin(), static_cast<char>(number & 0xff));
        number >>= 8;
    } while (number > 0);
    if ((octets.front() & '\x80') != 0) octets.insert(octets.begin(), '\0');
    return tlv(der::integer, octets);
}

template <typename... Parts> std::string sequence(Parts const&... parts) {
    std::string content;
    (content.append(parts), ...);
    return tlv(der::sequence, content);
}

// Of ASCII.
std::string utf16(std::string_view text) {
    std::string octets(2 * text.size(), '\0');
    for (std::size_t i = 0; i < text.size(); ++i) octets[2 * i + 1] = text[i];
    return octets;
}

// Padded as RFC 5652 §6.3 says. By hand, since mbedTLS is built without CBC: TLS is not to have it.
std::string encrypt_cbc(std::string_view key, std::string block, std::string_view content) {
    mbedtls_aes_context aes;
    mbedtls_aes_init(&aes);
    mbedtls_aes_setkey_enc(&aes, reinterpret_cast<unsigned char const*>(key.data()), 256);
    auto const padding = static_cast<char>(cipher_block - content.size() % cipher_block);
    auto* const octets = reinterpret_cast<unsigned char*>(block.data());
    std::string out;
    for (std::size_t at = 0; at <= content.size(); at += cipher_block) {
        for (std::size_t i = 0; i < cipher_block; ++i)
            block[i] = static_cast<char>(block[i] ^ (at + i < content.size() ? content[at + i] : padding));
        mbedtls_aes_crypt_ecb(&aes, MBEDTLS_AES_ENCRYPT, octets, octets);
        out += block;
    }
    mbedtls_aes_free(&aes);
    return out;
}

struct Encrypted {
    std::string algorithm; // with its parameters
    std::string octets;
};

// RFC 8018 §6.2, appendices A.2 and A.4
Encrypted encrypt(std::string_view content, core::Secret const& password, core::Random& random) {
    std::string const salt = random.bytes(key_salt_octets), vector = random.bytes(cipher_block);
    core::Secret const key(core::pbkdf2_sha256(password.reveal(), salt, key_iterations));
    std::string const derivation =
        sequence(oid(MBEDTLS_OID_PKCS5_PBKDF2), sequence(tlv(der::octet_string, salt), integer(key_iterations),
                                                         sequence(oid(MBEDTLS_OID_HMAC_SHA256), tlv(der::null, {}))));
    std::string const cipher = sequence(oid(MBEDTLS_OID_AES_256_CBC), tlv(der::octet_string, vector));
    return {sequence(oid(MBEDTLS_OID_PKCS5_PBES2), sequence(derivation, cipher)),
            encrypt_cbc(key.reveal(), vector, content)};
}

// RFC 7292 §4.2
std::string safe_bag(char const* kind, std::string_view value, std::string const& attributes) {
    return sequence(oid(kind), tlv(der::context_0_explicit, value),
                    attributes.empty() ? std::string() : tlv(der::set, attributes));
}

std::string attribute(char const* kind, std::string const& value) { return sequence(oid(kind), tlv(der::set, value)); }

// §4.2.3
std::string bag_of(mbedtls_x509_crt const& certificate, std::string const& attributes) {
    std::string_view const raw(reinterpret_cast<char const*>(certificate.raw.p), certificate.raw.len);
    return safe_bag(certificate_bag,
                    sequence(oid(x509_certificate), tlv(der::context_0_explicit, tlv(der::octet_string, raw))),
                    attributes);
}

// RFC 5208 §5 with RFC 5915: PrivateKeyInfo. Nothing: it is no key on P-256.
std::optional<core::Secret> private_key_info(PrivateKey& key) {
    unsigned char buffer[256];
    if (mbedtls_pk_get_type(&key.get()) != MBEDTLS_PK_ECKEY || mbedtls_pk_get_bitlen(&key.get()) != 256)
        return std::nullopt;
    int const size = mbedtls_pk_write_key_der(&key.get(), buffer, sizeof buffer); // at the buffer's end
    if (size < 0) return std::nullopt;
    core::Secret const written(
        std::string(reinterpret_cast<char*>(buffer + sizeof buffer - size), static_cast<std::size_t>(size)));
    std::ranges::fill(buffer, 0);
    core::Secret const wrapped(tlv(der::octet_string, written.reveal()));
    std::string fields = integer(0) + sequence(oid(MBEDTLS_OID_EC_ALG_UNRESTRICTED), oid(MBEDTLS_OID_EC_GRP_SECP256R1));
    fields += wrapped.reveal();
    core::Secret const all(std::move(fields));
    return core::Secret(tlv(der::sequence, all.reveal()));
}

// RFC 5652 §3
std::string content_info(char const* type, std::string const& content) {
    return sequence(oid(type), tlv(der::context_0_explicit, content));
}

// RFC 7292 appendix B.2, for SHA-256 and its 32 octets: one round, so that nothing needs to be carried to another.
std::string mac_key(core::Secret const& password, std::string const& salt) {
    constexpr std::size_t block = 64;
    constexpr char for_macs = 3;
    auto const fill = [](std::string_view from) {
        std::string filled;
        auto const size = (from.size() + block - 1) / block * block;
        while (filled.size() < size) filled += from.substr(0, size - filled.size());
        return filled;
    };
    core::Secret const ended(std::string(password.reveal()) + '\0');
    core::Secret const text(utf16(ended.reveal()));
    core::Secret const filled(fill(text.reveal()));
    std::string input = std::string(block, for_macs) + fill(salt);
    input += filled.reveal();
    core::Secret const whole(std::move(input));
    std::string digest = core::sha256(whole.reveal());
    for (std::uint32_t i = 1; i < key_iterations; ++i) digest = core::sha256(digest);
    return digest;
}

} // namespace

bool is_pkcs12_password(core::Secret const& password) {
    return !password.empty() && std::ranges::all_of(password.reveal(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::expected<std::string, std::string> make_pkcs12(TlsIdentity const& identity, std::string const& authorities,
                                                    std::string_view name, core::Secret const& password,
                                                    core::Random& random) {
    Certificates own, issuer;
    PrivateKey key;
    for (std::error_code const error :
         {own.parse(identity.certificates), issuer.parse(authorities), key.parse(identity.key.reveal())})
        if (error) return std::unexpected(std::format("a certificate cannot be read: {}", error.message()));
    auto const info = private_key_info(key);
    if (!info) return std::unexpected("the key is of no kind that can be written");

    // By the same number, the key is found to be that of the certificate.
    std::string_view const raw(reinterpret_cast<char const*>(own.first().raw.p), own.first().raw.len);
    std::string const shown = attribute(friendly_name, tlv(der::bmp_string, utf16(name)));
    std::string const number = attribute(local_key_id, tlv(der::octet_string, core::sha256(raw).substr(0, 20)));
    std::string const attributes = std::min(shown, number) + std::max(shown, number); // X.690 §11.6

    std::string bags = bag_of(own.first(), attributes);
    for (auto const* one = &issuer.first(); one != nullptr; one = one->next) bags += bag_of(*one, {});
    auto const certificates = encrypt(sequence(bags), password, random);
    auto const shrouded = encrypt(info->reveal(), password, random);
    // RFC 7292 §4.1: certificates encrypted as a whole, the key by itself.
    std::string const encrypted_data =
        sequence(integer(0), sequence(oid(MBEDTLS_OID_PKCS7_DATA), certificates.algorithm,
                                      tlv(der::context_0, certificates.octets)));
    std::string const keys = sequence(
        safe_bag(shrouded_key_bag, sequence(shrouded.algorithm, tlv(der::octet_string, shrouded.octets)), attributes));
    std::string const authenticated_safe = sequence(content_info(MBEDTLS_OID_PKCS7_ENCRYPTED_DATA, encrypted_data),
                                                    content_info(MBEDTLS_OID_PKCS7_DATA, tlv(der::octet_string, keys)));

    // §4: PFX, version 3
    std::string const salt = random.bytes(key_salt_octets);
    core::Secret const secret(mac_key(password, salt));
    std::string const digest = sequence(sequence(oid(MBEDTLS_OID_DIGEST_ALG_SHA256), tlv(der::null, {})),
                                        tlv(der::octet_string, core::hmac_sha256(secret.reveal(), authenticated_safe)));
    return sequence(integer(3), content_info(MBEDTLS_OID_PKCS7_DATA, tlv(der::octet_string, authenticated_safe)),
                    sequence(digest, tlv(der::octet_string, salt), integer(key_iterations)));
}

} // namespace postern::net
