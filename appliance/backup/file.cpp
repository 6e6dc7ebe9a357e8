#include "backup/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <format>
#include <utility>

namespace postern::backup {

namespace fs = std::filesystem;

namespace {

// So that the system does not gather more than a slow stick takes in a moment, and what is done at the end is little.
constexpr std::uint64_t flush_octets = std::uint64_t{8} << 20;

std::string_view why(int error) {
    if (error == EFBIG) return "its file system takes no file so large (FAT: 4 GiB); format it as exFAT or ext4";
    return std::strerror(error);
}

} // namespace

NewFile::NewFile(fs::path path, fs::path draft, store::File file)
    : path_(std::move(path)), draft_(std::move(draft)), file_(std::move(file)) {}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)),
      draft_(std::exchange(other.draft_, {})),
      file_(std::move(other.file_)),
      size_(other.size_),
      begun_(other.begun_) {}

NewFile::~NewFile() {
    if (!draft_.empty()) ::unlink(draft_.c_str());
}

std::unexpected<std::string> NewFile::failed() const {
    return std::unexpected(std::format("cannot write {}: {}", path_.native(), why(errno)));
}

std::expected<NewFile, std::string> NewFile::make(fs::path path) {
    path = fs::absolute(path);
    std::error_code error;
    if (fs::symlink_status(path, error).type() != fs::file_type::not_found)
        return std::unexpected(std::format("there is a {} already; give another name", path.native()));
    fs::path draft = path.native() + ".unfinished";
    ::unlink(draft.c_str());
    store::File file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file.handle() < 0) return std::unexpected(std::format("cannot make {}: {}", path.native(), why(errno)));
    return NewFile(std::move(path), std::move(draft), std::move(file));
}

std::expected<void, std::string> NewFile::write(std::string_view octets) {
    while (!octets.empty()) {
        auto const written = ::write(file_.handle(), octets.data(), octets.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failed();
        octets.remove_prefix(static_cast<std::size_t>(written));
        size_ += static_cast<std::uint64_t>(written);
    }
    if (size_ - begun_ < flush_octets) return {};
    begun_ = size_;
    if (::fdatasync(file_.handle()) != 0) return failed();
    (void)::posix_fadvise(file_.handle(), 0, 0, POSIX_FADV_DONTNEED);
    return {};
}

std::expected<void, std::string> NewFile::sync() {
    if (::fsync(file_.handle()) != 0) return failed();
    (void)::posix_fadvise(file_.handle(), 0, 0, POSIX_FADV_DONTNEED);
    return {};
}

std::expected<void, std::string> NewFile::keep() {
    // renameat2 with RENAME_NOREPLACE is not everywhere; that nobody made it meanwhile was seen a moment ago.
    if (::rename(draft_.c_str(), path_.c_str()) != 0) return failed();
    draft_.clear();
    store::File const directory(path_.parent_path(), O_RDONLY | O_DIRECTORY);
    if (directory.handle() < 0 || ::fsync(directory.handle()) != 0) return failed();
    return {};
}

std::expected<ReadFile, std::string> ReadFile::open(fs::path const& path) {
    store::File file(path, O_RDONLY);
    if (file.handle() < 0) return std::unexpected(std::format("cannot open {}: {}", path.native(), why(errno)));
    return ReadFile(path, std::move(file));
}

std::expected<std::string, std::string> ReadFile::read(std::size_t most) {
    std::string octets(most, '\0');
    std::size_t size = 0;
    while (size < most) {
        auto const got = ::read(file_.handle(), octets.data() + size, most - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::unexpected(std::format("cannot read {}: {}", path_.native(), why(errno)));
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    octets.resize(size);
    return octets;
}

} // namespace postern::backup
