// The files of certificates and keys in a directory, key before certificate. Block. Errors are sentences for the
// administrator. Internal to net.
#pragma once

#include "net/tls.h"
#include "net/whole_file.h"

#include <expected>
#include <filesystem>
#include <string>

namespace postern::net {

// name.key and name.crt: a certificate is never there without its key. Logged.
[[nodiscard]] std::expected<void, std::string> save(std::filesystem::path const& directory, std::string const& name,
                                                    TlsIdentity const& identity);
// Empty halves where files are missing.
[[nodiscard]] std::expected<TlsIdentity, std::string> load(std::filesystem::path const& directory,
                                                           std::string const& name);

} // namespace postern::net
