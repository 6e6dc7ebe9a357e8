// Files that others write, and that may be of any length.
#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <string>
#include <system_error>

namespace postern::core {

// The first `most` octets of a file, or all of it where it has no more. Blocks.
[[nodiscard]] std::expected<std::string, std::error_code> read_start(std::filesystem::path const& path,
                                                                     std::size_t most);

} // namespace postern::core
