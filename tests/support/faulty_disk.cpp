#include "support/faulty_disk.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace postern::test {

FaultyDisk& faulty_disk() {
    static FaultyDisk& disk = []() -> FaultyDisk& {
        static FaultyDisk own{-1, 0, 0, 0, 0, 0};
        char const* path = std::getenv("POSTERN_FAULTY_DISK");
        int const file = path == nullptr ? -1 : ::open(path, O_RDWR | O_CLOEXEC);
        if (file < 0) return own;
        void* const at = ::mmap(nullptr, sizeof(FaultyDisk), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        return at == MAP_FAILED ? own : *static_cast<FaultyDisk*>(at);
    }();
    return disk;
}

} // namespace postern::test

namespace {

using postern::test::faulty_disk;
using postern::test::FaultyDisk;

template <typename Function> Function* next(char const* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

bool is_data_file(int file) {
    std::array<char, 64> link;
    std::array<char, 512> path;
    std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", file);
    auto const length = ::readlink(link.data(), path.data(), path.size());
    return length > 0 && std::string_view(path.data(), static_cast<std::size_t>(length)).ends_with("/data.mdb");
}

// Whether it is this call's turn to fail; in order, since only the store's writer writes.
bool is_due(int file) {
    FaultyDisk& disk = faulty_disk();
    if (disk.good_calls < 0 || !is_data_file(file)) return false;
    if (disk.good_calls > 0) {
        --disk.good_calls;
        return false;
    }
    return true;
}

void fail_once() {
    FaultyDisk& disk = faulty_disk();
    ++disk.failed;
    if (--disk.bad_calls <= 0) disk.good_calls = -1;
    errno = disk.error;
}

// How much of a write of `size` octets at `at` is to succeed; with errno set where it is nothing.
std::size_t allowed(int file, std::size_t size, off_t at) {
    FaultyDisk& disk = faulty_disk();
    if (!is_due(file)) return size;
    if (disk.full == 0) {
        fail_once();
        return disk.error == 0 ? size / 2 : 0;
    }
    struct stat status{};
    ::fstat(file, &status);
    if (at + static_cast<off_t>(size) <= status.st_size) return size;
    ++disk.failed;
    errno = ENOSPC;
    return at < status.st_size ? static_cast<std::size_t>(status.st_size - at) : 0;
}

bool flushes(int file) {
    FaultyDisk& disk = faulty_disk();
    if (disk.full != 0 || !is_due(file)) return true;
    fail_once();
    if (disk.error == 0) errno = EIO;
    return false;
}

} // namespace

extern "C" {

ssize_t pwrite(int file, void const* from, std::size_t size, off_t at) {
    static auto* const real = next<ssize_t(int, void const*, std::size_t, off_t)>("pwrite");
    std::size_t const part = allowed(file, size, at);
    return part == 0 && size > 0 ? -1 : real(file, from, part, at);
}

ssize_t pwritev(int file, iovec const* from, int count, off_t at) {
    static auto* const real = next<ssize_t(int, iovec const*, int, off_t)>("pwritev");
    std::size_t size = 0;
    for (int i = 0; i < count; ++i) size += from[i].iov_len;
    std::size_t part = allowed(file, size, at);
    if (part == size) return real(file, from, count, at);
    if (part == 0) return -1;
    ssize_t written = 0;
    for (int i = 0; i < count && part > 0; ++i) {
        iovec piece = from[i];
        piece.iov_len = std::min(piece.iov_len, part);
        ssize_t const now = real(file, &piece, 1, at + written);
        if (now < 0) return written > 0 ? written : now;
        written += now;
        part -= piece.iov_len;
    }
    return written;
}

int fdatasync(int file) {
    static auto* const real = next<int(int)>("fdatasync");
    if (is_data_file(file)) ++faulty_disk().flushed;
    return flushes(file) ? real(file) : -1;
}

} // extern "C"
