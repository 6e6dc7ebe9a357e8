// How a backup file begins: what it is, and by what the rest is protected. Layout, integers big-endian:
//   magic (16), format u16, octets of the fields u16, fields, SHA-256 of all before (32), proof of the key (32)
// The fields: store schema u64, seconds since 1970 i64, protection u8, iterations u32, salt (32), domain. What a newer
// Postern writes begins the same way, so that it is told from what is damaged. Pure; any thread.
#pragma once

#include "core/secret.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace postern::backup {

enum class Protection : std::uint8_t {
    checksums = 0,  // against damage alone
    passphrase = 1, // the key is made of it by PBKDF2 (RFC 8018 §5.2) with HMAC-SHA-256
    key = 2,        // 32 octets that are kept elsewhere
};

struct Header {
    std::uint64_t schema = 0; // of the store
    std::int64_t made = 0;    // seconds since 1970
    Protection protection = Protection::checksums;
    std::uint32_t iterations = 0;
    std::string salt; // of this file alone, so that its key is as well
    std::string domain;
};

inline constexpr std::uint16_t format_version = 1;
inline constexpr std::size_t salt_size = 32, digest_size = 32;
inline constexpr std::size_t prefix_size = 20, longest_fields = 1024;
inline constexpr std::uint32_t iterations_of_new = 600'000, most_iterations = 10'000'000;

// Up to its digest, and that.
[[nodiscard]] std::string encode(Header const& header);

// How many octets follow the first prefix_size up to the digest's end. The error is a sentence's end: "it is ...".
[[nodiscard]] std::expected<std::size_t, std::string> rest_of_header(std::string_view prefix);
// Of prefix and rest. Says of a newer format that it is newer, once the digest holds.
[[nodiscard]] std::expected<Header, std::string> decode_header(std::string_view octets);

// What opens a backup, or is to open it: at most one of them.
struct Credentials {
    core::Secret passphrase;
    core::Secret key; // 32 octets
};

// The key of this file alone; empty where it has none. `encoded`: what encode() gave. The error says what is missing.
[[nodiscard]] std::expected<core::Secret, std::string> file_key(Header const& header, std::string_view encoded,
                                                                Credentials const& credentials);
// By which a wrong key is told from damage; follows the header.
[[nodiscard]] std::string key_proof(core::Secret const& file_key);

// Keys as they lie in a file: base64 of 32 octets, and a newline. Nothing: it is none.
[[nodiscard]] std::string write_key(core::Secret const& key);
[[nodiscard]] std::expected<core::Secret, std::string> read_key(std::string_view text);

} // namespace postern::backup
