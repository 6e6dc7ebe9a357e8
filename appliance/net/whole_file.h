// Files that are there as a whole: each is written under another name, synced and renamed. Block. Errors are sentences
// for the administrator.
#pragma once

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

} // namespace postern::net
