// Files of other software's mailboxes. Block. Errors are sentences for the administrator. Internal to migration.
#pragma once

#include "core/clock.h"

#include <cstddef>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace postern::migration {

inline constexpr std::size_t longest_letter = std::size_t{1} << 30;

[[nodiscard]] std::expected<void, std::string> make_empty_directory(std::filesystem::path const& path);
// For its owner alone, and of that time.
[[nodiscard]] std::expected<void, std::string> write_file(std::filesystem::path const& path, std::string_view content,
                                                          std::optional<core::WallTime> time);
[[nodiscard]] std::expected<std::string, std::string> read_file(std::filesystem::path const& path, std::size_t most);
[[nodiscard]] std::expected<core::WallTime, std::string> time_of(std::filesystem::path const& path);
// All that was written there is on flash: one flush for many small files.
[[nodiscard]] std::expected<void, std::string> sync_file_system(std::filesystem::path const& path);

} // namespace postern::migration
