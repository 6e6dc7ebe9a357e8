#include "net/key_digest.h"

#include "text/ascii.h"
#include "text/base64.h"

namespace postern::net {

namespace {

constexpr std::string_view digest_kind = "sha256:";
constexpr std::size_t digest_octets = 32;

} // namespace

std::optional<std::string> parse_key_digest(std::string_view written) {
    if (!text::istarts_with(written, digest_kind)) return std::nullopt;
    auto digest = text::base64_decode(written.substr(digest_kind.size()));
    return digest && digest->size() == digest_octets ? std::move(digest) : std::nullopt;
}

std::string write_key_digest(std::string_view digest) { return std::string(digest_kind) + text::base64_encode(digest); }

} // namespace postern::net
