// An open file or directory, which is closed when its owner goes. Thread: its owner's.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace postern::store {

class File {
public:
    // `flags`: as open(2) has them. What cannot be opened has a negative handle, and errno says why.
    File(std::filesystem::path const& path, int flags) : handle_(::open(path.c_str(), flags | O_CLOEXEC)) {}
    explicit File(int handle) : handle_(handle) {}
    File(File&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}
    File& operator=(File&&) = delete;
    ~File() {
        if (handle_ >= 0) ::close(handle_);
    }

    [[nodiscard]] int handle() const { return handle_; }

private:
    int handle_;
};

// Throws std::system_error for what cannot be opened.
inline File open_or_throw(std::filesystem::path const& path, int flags) {
    File file(path, flags);
    if (file.handle() < 0) throw std::system_error(errno, std::generic_category(), path);
    return file;
}

} // namespace postern::store
