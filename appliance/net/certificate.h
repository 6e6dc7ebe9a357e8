// The office's own certificate authority and the box's certificate, made on first start in DIR (keys never leave it):
//
//   ca.key ca.crt          ECDSA P-256; name constraints (RFC 5280 §4.2.1.10, critical) let it vouch for the office's
//                          domain and for private addresses only, so that trusting it risks nothing else
//   server.key server.crt  the box's certificate, for 397 days, made anew 30 days before its end or when names change;
//                          the key stays, since clients may have pinned it
//
// A power cut at any point leaves a directory that the next start completes (identity_files.h). Certificates for the
// box that others signed are beside them (own_certificate.h).
#pragma once

#include "core/clock.h"
#include "core/random.h"
#include "net/tls.h"

#include <expected>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace postern::net {

// What the box's certificate is valid for: the domain, its service names ("mail.", "imap.", ...), postern.local,
// localhost, loopback, and of `others` the names in the domain and the private addresses, since its authority vouches
// for no more. Names are in A-label form, lower case. Makes or renews what is missing; blocks (files, key generation).
// The error is a sentence for the administrator.
[[nodiscard]] std::expected<TlsIdentity, std::string> load_or_make_identity(std::filesystem::path const& directory,
                                                                            std::string_view domain,
                                                                            std::span<std::string const> others,
                                                                            core::WallTime now, core::Random& random);

struct ClientCertificate {
    TlsIdentity identity;
    std::string serial; // as PeerCertificate has it
};
// By which the owner of that mail address can log in, signed by the authority in `directory`. Blocks. The error is a
// sentence for the administrator.
[[nodiscard]] std::expected<ClientCertificate, std::string>
make_client_certificate(std::filesystem::path const& directory, std::string_view mail_address, core::Random& random);

// The authority's certificate, PEM. Empty if there is none.
[[nodiscard]] std::string authority_certificate(std::filesystem::path const& directory);

} // namespace postern::net
