#include "app/whole_file.h"

#include <fstream>

namespace postern::app {

namespace fs = std::filesystem;

std::error_code write_whole(fs::path const& path, std::string_view content) {
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    auto part = path;
    part += ".part";
    if (!(std::ofstream(part, std::ios::binary) << content << std::flush))
        return std::make_error_code(std::errc::io_error);
    fs::rename(part, path, error);
    return error;
}

} // namespace postern::app
