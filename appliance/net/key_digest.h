// A server's public key, by which it can be known where no authority vouches for its certificate: the SHA-256 digest of
// its SubjectPublicKeyInfo (RFC 7469 §2.4), written "sha256:" and base64. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::net {

// Raw octets of the digest.
[[nodiscard]] std::optional<std::string> parse_key_digest(std::string_view written);
[[nodiscard]] std::string write_key_digest(std::string_view digest);

} // namespace postern::net
