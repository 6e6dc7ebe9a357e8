#include "migration/files.h"

#include "core/read_start.h"
#include "store/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <format>

namespace postern::migration {

namespace fs = std::filesystem;
using Why = std::unexpected<std::string>;

std::expected<void, std::string> make_empty_directory(fs::path const& path) {
    std::error_code error;
    fs::create_directories(path, error);
    if (!error && fs::is_empty(path, error)) {
        fs::permissions(path, fs::perms::owner_all, error);
        return {};
    }
    if (error) return Why(std::format("cannot make {}: {}", path.native(), error.message()));
    return Why(std::format("{} is not empty; give another name", path.native()));
}

std::expected<void, std::string> write_file(fs::path const& path, std::string_view content,
                                            std::optional<core::WallTime> time) {
    auto const failed = [&] { return Why(std::format("cannot write {}: {}", path.native(), std::strerror(errno))); };
    store::File const file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file.handle() < 0) return failed();
    while (!content.empty()) {
        auto const written = ::write(file.handle(), content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failed();
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    if (time) {
        timespec const both[] = {{time->time_since_epoch().count(), 0}, {time->time_since_epoch().count(), 0}};
        if (::futimens(file.handle(), both) != 0) return failed();
    }
    return {};
}

std::expected<std::string, std::string> read_file(fs::path const& path, std::size_t most) {
    auto content = core::read_start(path, most + 1);
    if (!content) return Why(std::format("cannot read {}: {}", path.native(), content.error().message()));
    if (content->size() > most) return Why(std::format("cannot read {}: it is too large", path.native()));
    return std::move(*content);
}

std::expected<core::WallTime, std::string> time_of(fs::path const& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0)
        return Why(std::format("cannot read {}: {}", path.native(), std::strerror(errno)));
    return core::WallTime(std::chrono::seconds(status.st_mtim.tv_sec));
}

std::expected<void, std::string> sync_file_system(fs::path const& path) {
    store::File const file(path, O_RDONLY);
    if (file.handle() >= 0 && ::syncfs(file.handle()) == 0) return {};
    return Why(std::format("cannot write {}: {}", path.native(), std::strerror(errno)));
}

} // namespace postern::migration
