// A certificate for the box that somebody else signed, in a directory as NAME.key and NAME.crt (PEM; the chain follows
// the certificate): the administrator's is own.key and own.crt, that of a public authority acme.key and acme.crt.
#pragma once

#include "core/clock.h"
#include "net/tls.h"

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace postern::net {

// Whether clients that know the box as `host`, a name, take this certificate (PEM) for it (RFC 9525 §6.3); and from
// when until when. What cannot be read covers nothing, and is over.
[[nodiscard]] bool covers(std::string const& certificates, std::string_view host);
[[nodiscard]] core::WallTime begin_of(std::string const& certificates);
[[nodiscard]] core::WallTime end_of(std::string const& certificates);
// Raw, of its public key (key_digest.h); empty where it cannot be read.
[[nodiscard]] std::string key_digest_of(std::string const& certificates);
// Whether devices trust it that trust these authorities, PEM, and know the box as `host`.
[[nodiscard]] bool is_trusted(std::string const& certificates, std::string const& host, std::string const& authorities);

// Nothing: there is none. The error is a sentence that says why clients cannot be shown it: it cannot be read, has not
// its key, is over, or is not for `host`. One that is not valid yet is shown: nobody signs certificates for later, and
// so it is the box's clock that is wrong. Blocks.
[[nodiscard]] std::expected<std::optional<TlsIdentity>, std::string>
load_own_certificate(std::filesystem::path const& directory, std::string const& name, std::string_view host,
                     core::WallTime now);

// Puts one there that is in files elsewhere, as a whole.
[[nodiscard]] std::expected<void, std::string> keep_certificate(std::filesystem::path const& directory,
                                                                std::string const& name,
                                                                std::filesystem::path const& certificates,
                                                                std::filesystem::path const& key);

} // namespace postern::net
