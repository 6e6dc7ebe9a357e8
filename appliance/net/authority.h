// Makes the certificates that certificate.h keeps in files: values in, PEM out. Internal to net.
#pragma once

#include "core/clock.h"
#include "core/random.h"
#include "net/certificate.h"
#include "net/mbedtls.h"
#include "net/stream.h"
#include "net/tls.h"

#include <expected>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace postern::net {

// Subject alternative names (RFC 5280 §4.2.1.6) as DER has them: the tag, then the name's or address's octets.
using AlternativeNames = std::set<std::string>;

// The names that the box answers to, in `domain` and on its cable, localhost, the private ones among `addresses`,
// loopback.
[[nodiscard]] AlternativeNames server_names(std::string_view domain, std::span<std::string const> addresses);
[[nodiscard]] AlternativeNames names_in(mbedtls_x509_crt const& certificate);
// Empty if it is none of DNS.
[[nodiscard]] std::string_view dns_name_of(std::string_view alternative_name);

// Makes it a key on P-256.
[[nodiscard]] std::error_code generate(PrivateKey& key, core::Random& random);

// An authority that can vouch for `domain` and private addresses only. Its dates don't depend on the box's clock,
// unless it follows another at that time.
[[nodiscard]] std::expected<TlsIdentity, std::error_code>
make_authority(std::string_view domain, core::Random& random, std::optional<core::WallTime> follows = std::nullopt);
// Whether an authority with these name constraints may vouch for `domain`.
[[nodiscard]] bool permits(std::string_view name_constraints, std::string_view domain);

// Of `key`.
[[nodiscard]] std::expected<TlsIdentity, std::error_code>
issue_server_certificate(mbedtls_x509_crt const& authority, PrivateKey& authority_key, PrivateKey& key,
                         AlternativeNames const& names, core::WallTime now, core::Random& random);

// For the mail address's owner, to log in by. Valid as long as the authority: what ends it is that nobody knows its
// serial number any more.
[[nodiscard]] std::expected<ClientCertificate, std::error_code>
issue_client_certificate(mbedtls_x509_crt const& authority, PrivateKey& authority_key, std::string_view mail_address,
                         core::Random& random);
[[nodiscard]] PeerCertificate describe(mbedtls_x509_crt const& certificate);

[[nodiscard]] core::WallTime time_of(mbedtls_x509_time const& time);

} // namespace postern::net
