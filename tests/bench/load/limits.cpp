// What the machine itself can do, so that a figure can be read as a share of it.
#include "commands.h"
#include "lines.h"
#include "options.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>
#include <vector>

namespace postern::bench {

namespace {

void need(bool good, char const* what) {
    if (!good) throw std::system_error(errno, std::generic_category(), what);
}

// A page of a file that is there already, and its way to the disk.
double syncs(std::string const& directory, std::chrono::seconds length) {
    std::string const path = directory + "/limits.tmp";
    int const file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    need(file >= 0, "open");
    std::vector<char> page(4096, 'x');
    for (unsigned n = 0; n < 256; ++n) need(pwrite(file, page.data(), page.size(), n * 4096) == 4096, "pwrite");
    need(fsync(file) == 0, "fsync");
    std::uint64_t count = 0;
    auto const began = Clock::now();
    for (; Clock::now() - began < length; ++count) {
        std::memcpy(page.data(), &count, sizeof count);
        need(pwrite(file, page.data(), page.size(), static_cast<off_t>(count % 256 * 4096)) == 4096, "pwrite");
        need(fdatasync(file) == 0, "fdatasync");
    }
    double const rate = static_cast<double>(count) / seconds_since(began);
    ::close(file);
    unlink(path.c_str());
    return rate;
}

// An octet there and back between two threads.
double round_trips(std::chrono::seconds length) {
    int const listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    need(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && listen(listener, 1) == 0,
         "listen");
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    std::jthread const echo([listener] {
        int const socket = accept(listener, nullptr, nullptr);
        int const yes = 1;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        char octet;
        while (recv(socket, &octet, 1, 0) == 1 && send(socket, &octet, 1, MSG_NOSIGNAL) == 1) {
        }
        ::close(socket);
    });
    int const socket = connect_to(ntohs(address.sin_port));
    std::uint64_t count = 0;
    auto const began = Clock::now();
    char octet = 'x';
    for (; Clock::now() - began < length; ++count)
        need(send(socket, &octet, 1, MSG_NOSIGNAL) == 1 && recv(socket, &octet, 1, 0) == 1, "round trip");
    double const rate = static_cast<double>(count) / seconds_since(began);
    ::close(socket);
    ::close(listener);
    return rate;
}

// memcpy, read and write counted once.
double memory(std::chrono::seconds length) {
    std::vector<char> from(std::size_t{128} << 20, 'x'), to(from.size(), 'y');
    std::uint64_t count = 0;
    auto const began = Clock::now();
    for (; Clock::now() - began < length; ++count) {
        from[count] = 'z';
        std::memcpy(to.data(), from.data(), from.size());
    }
    return static_cast<double>(count * from.size()) / seconds_since(began) / 1e6;
}

} // namespace

void limits(Options const& options) {
    std::chrono::seconds const length(options.number("seconds", 1));
    Figures()
        .add("fdatasync_per_s", std::format("{:.0f}", syncs(options.text("dir"), length)))
        .add("loopback_round_trips_per_s", std::format("{:.0f}", round_trips(length)))
        .add("memcpy_mb_per_s", std::format("{:.0f}", memory(length)));
}

} // namespace postern::bench
