// What follows the header of a backup file: chunks, each `octets u32, sealed octets`, of which every one but the last
// is of the same size before it is compressed (zstd). How they are sealed is STREAM (Hoang, Reyhanitabar, Rogaway,
// Vizár: Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance, CRYPTO 2015): each under its number and
// whether it is the last, so that none can be left out, moved, or cut off unseen. Without a key the seal is a SHA-256
// of the same. One object a thread; no I/O.
#pragma once

#include "core/aead.h"
#include "core/secret.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::backup {

inline constexpr std::size_t chunk_octets = std::size_t{1} << 20;  // before compression
inline constexpr std::size_t longest_sealed = chunk_octets + 8192; // what does not compress, and its seal

class Chunks {
public:
    // `key`: empty for checksums alone. `header`: what is sealed along with each chunk.
    Chunks(core::Secret const& key, std::string_view header);

    // The next one: at most chunk_octets, compressed and sealed, with its length before it.
    [[nodiscard]] std::string seal(std::string_view octets, bool last);

    struct Opened {
        std::string octets;
        bool last = false;
    };
    // The next one, without its length. Nothing: it is not what was sealed as that.
    [[nodiscard]] std::optional<Opened> open(std::string_view sealed);

    // How many there were.
    [[nodiscard]] std::uint64_t count() const { return number_; }

private:
    [[nodiscard]] std::string nonce(bool last) const;
    [[nodiscard]] std::string digest(bool last, std::string_view octets) const;
    [[nodiscard]] std::optional<std::string> unseal(std::string_view sealed, bool last) const;

    std::optional<core::Aes256Gcm> cipher_;
    std::string header_digest_;
    std::uint64_t number_ = 0;
};

} // namespace postern::backup
