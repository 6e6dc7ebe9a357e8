// PKCS#12 (RFC 7292): a key with its certificate and authority in one file under a password, as mail programs and
// phones import it. Encrypted with PBES2 (RFC 8018 §6.2: PBKDF2 with HMAC-SHA-256, AES-256-CBC), and with the MAC of
// appendix B with SHA-256: what OpenSSL 3 writes as well.
#pragma once

#include "core/random.h"
#include "core/secret.h"
#include "net/tls.h"

#include <expected>
#include <string>
#include <string_view>

namespace postern::net {

// Printable ASCII, and not empty: programs differ in how they read other characters of a password.
[[nodiscard]] bool is_pkcs12_password(core::Secret const& password);

// `identity` has a key on P-256 and its certificate, `authorities` are PEM; `name` is what programs show, ASCII. Takes
// about half a second on a small processor: whoever finds such a file can try passwords no faster. The error is a
// sentence.
[[nodiscard]] std::expected<std::string, std::string> make_pkcs12(TlsIdentity const& identity,
                                                                  std::string const& authorities, std::string_view name,
                                                                  core::Secret const& password, core::Random& random);

} // namespace postern::net
