#include "core/read_start.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace postern::core {

std::expected<std::string, std::error_code> read_start(std::filesystem::path const& path, std::size_t most) {
    constexpr std::size_t portion = 16 * 1024;
    int const file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    std::error_code error;
    if (file < 0) return std::unexpected(std::error_code(errno, std::generic_category()));
    std::string content;
    for (bool more = true; more && content.size() < most;) {
        std::size_t const before = content.size();
        ssize_t got = 0;
        content.resize_and_overwrite(std::min(before + portion, most), [&](char* octets, std::size_t room) {
            got = ::read(file, octets + before, room - before);
            return before + static_cast<std::size_t>(std::max<ssize_t>(got, 0));
        });
        more = got > 0 || (got < 0 && errno == EINTR);
        if (got < 0 && errno != EINTR) error = {errno, std::generic_category()};
    }
    ::close(file);
    if (error) return std::unexpected(error);
    return content;
}

} // namespace postern::core
