#include "core/aead.h"

#include <mbedtls/gcm.h>

#include <stdexcept>

namespace postern::core {

struct Aes256Gcm::Context {
    Context() { mbedtls_gcm_init(&gcm); }
    ~Context() { mbedtls_gcm_free(&gcm); }
    Context(Context const&) = delete;
    Context& operator=(Context const&) = delete;
    mbedtls_gcm_context gcm{};
};

Aes256Gcm::Aes256Gcm(Secret const& key) : context_(std::make_unique<Context>()) {
    auto const* octets = reinterpret_cast<unsigned char const*>(key.reveal().data());
    if (key.reveal().size() != key_size ||
        mbedtls_gcm_setkey(&context_->gcm, MBEDTLS_CIPHER_ID_AES, octets, 8 * key_size) != 0)
        throw std::runtime_error("AES-256 takes no such key");
}

Aes256Gcm::~Aes256Gcm() = default;
Aes256Gcm::Aes256Gcm(Aes256Gcm&&) noexcept = default;

std::string Aes256Gcm::seal(std::string_view nonce, std::string_view plain) const {
    std::string sealed(plain.size() + tag_size, '\0');
    auto* const out = reinterpret_cast<unsigned char*>(sealed.data());
    if (mbedtls_gcm_crypt_and_tag(&context_->gcm, MBEDTLS_GCM_ENCRYPT, plain.size(),
                                  reinterpret_cast<unsigned char const*>(nonce.data()), nonce.size(), nullptr, 0,
                                  reinterpret_cast<unsigned char const*>(plain.data()), out, tag_size,
                                  out + plain.size()) != 0)
        throw std::runtime_error("AES-256-GCM failed");
    return sealed;
}

std::optional<std::string> Aes256Gcm::open(std::string_view nonce, std::string_view sealed) const {
    if (sealed.size() < tag_size) return std::nullopt;
    std::string plain(sealed.size() - tag_size, '\0');
    auto const* const in = reinterpret_cast<unsigned char const*>(sealed.data());
    if (mbedtls_gcm_auth_decrypt(&context_->gcm, plain.size(), reinterpret_cast<unsigned char const*>(nonce.data()),
                                 nonce.size(), nullptr, 0, in + plain.size(), tag_size, in,
                                 reinterpret_cast<unsigned char*>(plain.data())) != 0)
        return std::nullopt;
    return plain;
}

} // namespace postern::core
