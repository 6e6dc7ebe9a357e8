#include "backup/chunks.h"

#include "core/crypto.h"

#include <zstd.h>

#include <stdexcept>

namespace postern::backup {

namespace {

// Fast even on a small box; mail, mostly base64 and text, gains little from more.
constexpr int level = 3;
constexpr std::size_t digest_octets = 32;

std::string compress(std::string_view octets) {
    std::string packed(ZSTD_compressBound(octets.size()), '\0');
    auto const size = ZSTD_compress(packed.data(), packed.size(), octets.data(), octets.size(), level);
    if (ZSTD_isError(size) != 0) throw std::runtime_error(ZSTD_getErrorName(size));
    packed.resize(size);
    return packed;
}

std::optional<std::string> decompress(std::string_view packed) {
    auto const size = ZSTD_getFrameContentSize(packed.data(), packed.size());
    if (size > chunk_octets) return std::nullopt; // and what is unknown
    std::string octets(static_cast<std::size_t>(size), '\0');
    auto const got = ZSTD_decompress(octets.data(), octets.size(), packed.data(), packed.size());
    if (ZSTD_isError(got) != 0 || got != octets.size()) return std::nullopt;
    return octets;
}

} // namespace

Chunks::Chunks(core::Secret const& key, std::string_view header) : header_digest_(core::sha256(header)) {
    if (!key.empty()) cipher_.emplace(key);
}

// Twelve octets: the number of the chunk, and whether it is the last.
std::string Chunks::nonce(bool last) const {
    std::string out(3, '\0');
    for (int shift = 56; shift >= 0; shift -= 8)
        out += static_cast<char>(number_ >> static_cast<unsigned>(shift) & 0xffU);
    out += last ? '\1' : '\0';
    return out;
}

std::string Chunks::digest(bool last, std::string_view octets) const {
    return core::sha256((header_digest_ + nonce(last)).append(octets));
}

std::string Chunks::seal(std::string_view octets, bool last) {
    std::string const packed = compress(octets);
    std::string const sealed = cipher_ ? cipher_->seal(nonce(last), packed) : packed + digest(last, packed);
    ++number_;
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8)
        out += static_cast<char>(sealed.size() >> static_cast<unsigned>(shift) & 0xffU);
    return out + sealed;
}

std::optional<std::string> Chunks::unseal(std::string_view sealed, bool last) const {
    if (cipher_) return cipher_->open(nonce(last), sealed);
    if (sealed.size() < digest_octets) return std::nullopt;
    auto const octets = sealed.substr(0, sealed.size() - digest_octets);
    if (digest(last, octets) != sealed.substr(octets.size())) return std::nullopt;
    return std::string(octets);
}

std::optional<Chunks::Opened> Chunks::open(std::string_view sealed) {
    for (bool const last : {false, true}) {
        auto const packed = unseal(sealed, last);
        if (!packed) continue;
        auto octets = decompress(*packed);
        if (!octets) return std::nullopt;
        ++number_;
        return Opened{std::move(*octets), last};
    }
    return std::nullopt;
}

} // namespace postern::backup
