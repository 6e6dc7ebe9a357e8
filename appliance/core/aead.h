// Authenticated encryption: AES-256 in Galois/Counter Mode (NIST SP 800-38D), by mbedTLS. One object a thread.
#pragma once

#include "core/secret.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace postern::core {

class Aes256Gcm {
public:
    static constexpr std::size_t key_size = 32, nonce_size = 12, tag_size = 16;

    explicit Aes256Gcm(Secret const& key); // key_size octets
    ~Aes256Gcm();
    Aes256Gcm(Aes256Gcm&&) noexcept;
    Aes256Gcm& operator=(Aes256Gcm&&) = delete;

    // The ciphertext and then its tag. A nonce is used once with a key.
    [[nodiscard]] std::string seal(std::string_view nonce, std::string_view plain) const;
    // Nothing: it is not what was sealed with this key and nonce.
    [[nodiscard]] std::optional<std::string> open(std::string_view nonce, std::string_view sealed) const;

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

} // namespace postern::core
