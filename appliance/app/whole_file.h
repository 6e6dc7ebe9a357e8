// Files by which programs beside the daemon are told what it wants of them. Blocks.
#pragma once

#include <filesystem>
#include <string_view>
#include <system_error>

namespace postern::app {

// Who looks at the name finds the old content or the whole new one. Makes the directory.
[[nodiscard]] std::error_code write_whole(std::filesystem::path const& path, std::string_view content);

} // namespace postern::app
