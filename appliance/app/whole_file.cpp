#include "app/whole_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace postern::app {

namespace fs = std::filesystem;

std::error_code write_whole(fs::path const& path, std::string_view content) {
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    auto part = path;
    part += ".part";
    int const descriptor = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor < 0) return {errno, std::system_category()};
    while (!content.empty()) {
        auto const written = ::write(descriptor, content.data(), content.size());
        if (written < 0) {
            error = {errno, std::system_category()};
            ::close(descriptor);
            return error;
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    ::close(descriptor);
    fs::rename(part, path, error);
    return error;
}

} // namespace postern::app
