// A library to be loaded before all others (LD_PRELOAD) that makes every flush 10 ms slower, as on an SD card: fsync,
// fdatasync and the like, and writes to files that were opened to be written through.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

namespace {

void wait() {
    int const saved = errno;
    timespec const time{.tv_sec = 0, .tv_nsec = 10'000'000};
    nanosleep(&time, nullptr);
    errno = saved;
}

void wait_if_through(int file) {
    if (int const flags = fcntl(file, F_GETFL); flags >= 0 && (flags & O_DSYNC) != 0) wait();
}

template <typename Function> Function* next(char const* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

} // namespace

extern "C" {

int fsync(int file) {
    static auto* const real = next<int(int)>("fsync");
    wait();
    return real(file);
}

int fdatasync(int file) {
    static auto* const real = next<int(int)>("fdatasync");
    wait();
    return real(file);
}

int syncfs(int file) noexcept {
    static auto* const real = next<int(int)>("syncfs");
    wait();
    return real(file);
}

int msync(void* address, std::size_t size, int flags) {
    static auto* const real = next<int(void*, std::size_t, int)>("msync");
    if ((flags & MS_SYNC) != 0) wait();
    return real(address, size, flags);
}

ssize_t write(int file, void const* from, std::size_t size) {
    static auto* const real = next<ssize_t(int, void const*, std::size_t)>("write");
    wait_if_through(file);
    return real(file, from, size);
}

ssize_t pwrite(int file, void const* from, std::size_t size, off_t at) {
    static auto* const real = next<ssize_t(int, void const*, std::size_t, off_t)>("pwrite");
    wait_if_through(file);
    return real(file, from, size, at);
}

ssize_t writev(int file, iovec const* from, int count) {
    static auto* const real = next<ssize_t(int, iovec const*, int)>("writev");
    wait_if_through(file);
    return real(file, from, count);
}

} // extern "C"
