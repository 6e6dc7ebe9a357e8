// A library to be loaded before all others (LD_PRELOAD) that records what a program does to the files below the
// directory POSTERN_CRASH_DIRECTORY, into the log POSTERN_CRASH_LOG (record.h). With POSTERN_CRASH_NAMES=N it kills the
// program as soon as it has made or changed N names there.
//
// It knows the calls that Postern, LMDB and the C++ library make for that. A change by any other call is not recorded,
// and replay.cpp notices: in the end the files differ from what the log says of them.
#include "record.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <format>
#include <mutex>
#include <optional>
#include <string>

namespace {

namespace fs = std::filesystem;
using postern::crash::Kind;
using postern::crash::Record;

// Held during each call that is recorded: the order of the log is the order of the calls.
std::mutex mutex;

template <typename Function> Function* next(char const* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

char const* setting(char const* name) {
    char const* const value = std::getenv(name);
    if (value == nullptr) std::fprintf(stderr, "recorder: %s is not set\n", name);
    if (value == nullptr) std::abort();
    return value;
}

void die_of_names(Kind kind) {
    static char const* const limit = std::getenv("POSTERN_CRASH_NAMES");
    static int names = 0;
    bool const is_name = kind == Kind::create || kind == Kind::make_directory || kind == Kind::rename;
    if (limit != nullptr && is_name && ++names == std::atoi(limit)) ::kill(::getpid(), SIGKILL);
}

void record(Record const& what) {
    static auto* const real_open = next<int(char const*, int, ...)>("open");
    static int const log = real_open(setting("POSTERN_CRASH_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    try {
        postern::crash::append(log, what);
    } catch (std::exception const& error) {
        std::fprintf(stderr, "recorder: %s\n", error.what());
        std::abort(); // a log with a gap proves nothing
    }
    die_of_names(what.kind);
}

std::string link_target(char const* path) {
    char target[PATH_MAX];
    ssize_t const size = ::readlink(path, target, sizeof target);
    return {target, size > 0 ? static_cast<std::size_t>(size) : 0};
}

// The path below the recorded directory, which itself is "".
std::optional<std::string> below(std::string const& path) {
    static std::string const root = setting("POSTERN_CRASH_DIRECTORY");
    if (path == root) return "";
    if (!path.starts_with(root + "/")) return std::nullopt;
    return path.substr(root.size() + 1);
}

// What the descriptor has open, by the name that it has now; nothing when it has none any more.
std::optional<std::string> opened(int file) {
    std::string const path = link_target(std::format("/proc/self/fd/{}", file).c_str());
    return path.ends_with(" (deleted)") ? std::nullopt : below(path);
}

std::optional<std::string> named(int directory, char const* name) {
    std::string const base =
        link_target(directory == AT_FDCWD ? "/proc/self/cwd" : std::format("/proc/self/fd/{}", directory).c_str());
    return below((fs::path(base) / name).lexically_normal().native());
}

bool exists(int directory, char const* name) {
    struct stat info{};
    return ::fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
}

// Sockets are not kept over a power cut.
bool is_kept(int directory, char const* name) {
    struct stat info{};
    return ::fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISSOCK(info.st_mode);
}

template <typename Call> int record_open(int directory, char const* name, int flags, Call call) {
    auto const path = (flags & (O_CREAT | O_TRUNC)) != 0 ? named(directory, name) : std::nullopt;
    if (!path) return call();
    std::lock_guard const lock(mutex);
    bool const existed = exists(directory, name);
    int const file = call();
    if (file >= 0 && !existed) record({Kind::create, *path, 0, {}});
    if (file >= 0 && existed && (flags & O_TRUNC) != 0) record({Kind::resize, *path, 0, {}});
    return file;
}

// Calls that answer 0 when they did what `what` says.
template <typename Call> int record_done(std::optional<std::string> const& path, Record what, Call call) {
    if (!path) return call();
    std::lock_guard const lock(mutex);
    int const failed = call();
    what.path = *path;
    if (failed == 0) record(what);
    return failed;
}

template <typename Call> int record_removal(int directory, char const* name, Call call) {
    auto const path = named(directory, name);
    return record_done(path && is_kept(directory, name) ? path : std::nullopt, {.kind = Kind::remove}, call);
}

// `at` is where it begins, or nothing for where the descriptor stands.
template <typename Call>
ssize_t record_write(int file, iovec const* pieces, int count, std::optional<off_t> at, Call call) {
    auto const path = opened(file);
    if (!path) return call();
    std::lock_guard const lock(mutex);
    off_t const begin = at ? *at : ::lseek(file, 0, SEEK_CUR);
    ssize_t const written = call();
    if (written <= 0) return written;
    std::string data;
    for (int i = 0; i < count; ++i) data.append(static_cast<char const*>(pieces[i].iov_base), pieces[i].iov_len);
    data.resize(static_cast<std::size_t>(written));
    bool const through = (::fcntl(file, F_GETFL) & O_DSYNC) != 0; // O_SYNC has this bit as well
    record({through ? Kind::write_through : Kind::write, *path, static_cast<std::uint64_t>(begin), data});
    return written;
}

} // namespace

extern "C" {

int open(char const* name, int flags, ...) {
    static auto* const real = next<int(char const*, int, ...)>("open");
    va_list rest;
    va_start(rest, flags);
    mode_t const mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return record_open(AT_FDCWD, name, flags, [&] { return real(name, flags, mode); });
}

int mkdir(char const* name, mode_t mode) noexcept {
    static auto* const real = next<int(char const*, mode_t)>("mkdir");
    return record_done(named(AT_FDCWD, name), {.kind = Kind::make_directory}, [&] { return real(name, mode); });
}

int rename(char const* from, char const* to) noexcept {
    static auto* const real = next<int(char const*, char const*)>("rename");
    std::string const target = named(AT_FDCWD, to).value_or("");
    return record_done(named(AT_FDCWD, from), {.kind = Kind::rename, .data = target}, [&] { return real(from, to); });
}

int unlink(char const* name) noexcept {
    static auto* const real = next<int(char const*)>("unlink");
    return record_removal(AT_FDCWD, name, [&] { return real(name); });
}

int unlinkat(int directory, char const* name, int flags) noexcept {
    static auto* const real = next<int(int, char const*, int)>("unlinkat");
    return record_removal(directory, name, [&] { return real(directory, name, flags); });
}

int remove(char const* name) noexcept {
    static auto* const real = next<int(char const*)>("remove");
    return record_removal(AT_FDCWD, name, [&] { return real(name); });
}

int ftruncate(int file, off_t size) noexcept {
    static auto* const real = next<int(int, off_t)>("ftruncate");
    return record_done(opened(file), {.kind = Kind::resize, .number = static_cast<std::uint64_t>(size)},
                       [&] { return real(file, size); });
}

ssize_t write(int file, void const* from, std::size_t size) {
    static auto* const real = next<ssize_t(int, void const*, std::size_t)>("write");
    iovec const piece{.iov_base = const_cast<void*>(from), .iov_len = size};
    return record_write(file, &piece, 1, std::nullopt, [&] { return real(file, from, size); });
}

ssize_t pwrite(int file, void const* from, std::size_t size, off_t at) {
    static auto* const real = next<ssize_t(int, void const*, std::size_t, off_t)>("pwrite");
    iovec const piece{.iov_base = const_cast<void*>(from), .iov_len = size};
    return record_write(file, &piece, 1, at, [&] { return real(file, from, size, at); });
}

ssize_t writev(int file, iovec const* from, int count) {
    static auto* const real = next<ssize_t(int, iovec const*, int)>("writev");
    return record_write(file, from, count, std::nullopt, [&] { return real(file, from, count); });
}

ssize_t pwritev(int file, iovec const* from, int count, off_t at) {
    static auto* const real = next<ssize_t(int, iovec const*, int, off_t)>("pwritev");
    return record_write(file, from, count, at, [&] { return real(file, from, count, at); });
}

int fsync(int file) {
    static auto* const real = next<int(int)>("fsync");
    return record_done(opened(file), {.kind = Kind::sync}, [&] { return real(file); });
}

int fdatasync(int file) {
    static auto* const real = next<int(int)>("fdatasync");
    return record_done(opened(file), {.kind = Kind::sync_data}, [&] { return real(file); });
}

void sync() noexcept {
    static auto* const real = next<void()>("sync");
    std::lock_guard const lock(mutex);
    real();
    record({.kind = Kind::sync_all});
}

} // extern "C"
