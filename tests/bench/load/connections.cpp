// What connections cost: to make one and log in, to keep it, to agree on its keys.
#include "commands.h"
#include "imap_client.h"
#include "lines.h"
#include "options.h"
#include "tls_connection.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace postern::bench {

void logins(Options const& options) {
    std::vector<double> times;
    auto const began = Clock::now();
    for (std::uint64_t n = options.number("count"); n > 0; --n) {
        auto const start = Clock::now();
        ImapClient client(options);
        times.push_back(seconds_since(start));
        client.command("LOGOUT");
    }
    double const taken = seconds_since(began);
    double const first = times.front();
    std::ranges::sort(times);
    Figures()
        .add("ms", std::format("{:.3f}", times[times.size() / 2] * 1000))
        .add("ms_min", std::format("{:.3f}", times.front() * 1000))
        .add("ms_max", std::format("{:.3f}", times.back() * 1000))
        .add("ms_first", std::format("{:.3f}", first * 1000))
        .add("rate", std::format("{:.1f}", static_cast<double>(times.size()) / taken));
}

void idle(Options const& options) {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    std::vector<std::unique_ptr<ImapClient>> clients;
    for (std::uint64_t n = options.number("count"); n > 0; --n) {
        clients.push_back(std::make_unique<ImapClient>(options));
        clients.back()->select(options.text("mailbox", "INBOX"));
        clients.back()->idle();
    }
    std::puts("ready");
    std::fflush(stdout);
    std::array<char, 256> ignored;
    while (::read(STDIN_FILENO, ignored.data(), ignored.size()) > 0) {
    }
}

void handshakes(Options const& options) {
    auto const port = static_cast<std::uint16_t>(options.number("port"));
    std::chrono::seconds const length(options.number("seconds"));
    std::atomic<std::uint64_t> done = 0;
    std::atomic<bool> failed = false;
    std::exception_ptr failure;
    std::string kind;
    auto const began = Clock::now();
    auto const work = [&](bool first) {
        try {
            while (!failed && Clock::now() - began < length) {
                int const socket = connect_to(port);
                {
                    TlsConnection connection(socket);
                    std::array<char, 512> greeting;
                    if (connection.read(greeting) == 0) throw std::runtime_error("the server closed the connection");
                    if (first) kind = connection.description();
                    ++done;
                }
                ::close(socket);
            }
        } catch (...) {
            if (!failed.exchange(true)) failure = std::current_exception();
        }
    };
    {
        std::vector<std::jthread> clients;
        for (std::uint64_t n = options.number("clients"); n > 0; --n) clients.emplace_back(work, n == 1);
    }
    if (failure) std::rethrow_exception(failure);
    double const taken = seconds_since(began);
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    auto const micros = [](timeval time) {
        return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
    };
    Figures()
        .add("handshakes", done.load())
        .add("rate", std::format("{:.1f}", static_cast<double>(done) / taken))
        .add("client_us",
             std::format("{:.1f}", (micros(used.ru_utime) + micros(used.ru_stime)) / static_cast<double>(done)))
        .add("kind", kind);
}

} // namespace postern::bench
