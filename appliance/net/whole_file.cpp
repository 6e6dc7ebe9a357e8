#include "net/whole_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <format>
#include <fstream>
#include <iterator>

namespace postern::net {

namespace fs = std::filesystem;

namespace {

using Failure = std::unexpected<std::string>;

class File {
public:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    File(File const&) = delete;
    File& operator=(File const&) = delete;
    ~File() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    [[nodiscard]] int descriptor() const { return descriptor_; }

private:
    int descriptor_;
};

bool write_whole(int descriptor, std::string_view content) {
    while (!content.empty()) {
        ssize_t const written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno != EINTR) return false;
        if (written > 0) content.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

} // namespace

std::expected<std::optional<std::string>, std::string> read_file(fs::path const& path) {
    std::error_code error;
    if (!fs::exists(path, error)) {
        if (error) return Failure(std::format("cannot look at {}: {}", path.string(), error.message()));
        return std::nullopt;
    }
    std::ifstream file(path, std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(file), {}};
    if (!file) return Failure(std::format("cannot read {}", path.string()));
    return content;
}

std::expected<void, std::string> sync_directory(fs::path const& path) {
    File const directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.descriptor() < 0 || ::fsync(directory.descriptor()) != 0)
        return Failure(std::format("cannot write {}: {}", path.string(), std::strerror(errno)));
    return {};
}

std::expected<void, std::string> write_file(fs::path const& path, std::string_view content, mode_t mode) {
    fs::path const draft = path.string() + ".new";
    ::unlink(draft.c_str()); // left by a power cut
    File const file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    bool const done = file.descriptor() >= 0 && write_whole(file.descriptor(), content) &&
                      ::fsync(file.descriptor()) == 0 && ::rename(draft.c_str(), path.c_str()) == 0;
    if (!done) return Failure(std::format("cannot write {}: {}", path.string(), std::strerror(errno)));
    return sync_directory(path.parent_path());
}

} // namespace postern::net
