// The files of certificates and keys in a directory: each is written whole under another name, synced and renamed, key
// before certificate. Block. Errors are sentences for the administrator. Internal to net.
#pragma once

#include "net/tls.h"

#include <sys/types.h>

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace postern::net {

// Nothing: the file is not there.
[[nodiscard]] std::expected<std::optional<std::string>, std::string> read_file(std::filesystem::path const& path);
// The whole of it is there after a power cut, or what was there before.
[[nodiscard]] std::expected<void, std::string> write_file(std::filesystem::path const& path, std::string_view content,
                                                          mode_t mode);
// The names in a directory are on flash only once the directory itself is.
[[nodiscard]] std::expected<void, std::string> sync_directory(std::filesystem::path const& path);

// name.key and name.crt: a certificate is never there without its key. Logged.
[[nodiscard]] std::expected<void, std::string> save(std::filesystem::path const& directory, std::string const& name,
                                                    TlsIdentity const& identity);
// Empty halves where files are missing.
[[nodiscard]] std::expected<TlsIdentity, std::string> load(std::filesystem::path const& directory,
                                                           std::string const& name);

} // namespace postern::net
