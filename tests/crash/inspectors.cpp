#include "inspectors.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <format>
#include <system_error>
#include <thread>
#include <utility>

namespace postern::crash {

namespace {

constexpr unsigned most_seconds = 120; // beyond this it has not slowed down but hangs

int report(std::string const& name, std::function<void()> const& inspect) {
    rlimit const no_core{};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::alarm(most_seconds);
    try {
        inspect();
        return 0;
    } catch (std::exception const& error) {
        std::string const text = std::format("{}: {}\n", name, error.what());
        std::fputs(text.c_str(), stdout);
        std::fflush(stdout);
        return 1;
    }
}

} // namespace

void Inspectors::start(std::string name, std::function<void()> const& inspect) {
    if (running_.size() >= std::max(1U, std::thread::hardware_concurrency())) wait_for_one();
    std::fflush(stdout); // or the child would say it again
    pid_t const child = ::fork();
    if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (child == 0) ::_exit(report(name, inspect));
    running_.emplace(child, std::move(name));
}

void Inspectors::finish() {
    while (!running_.empty()) wait_for_one();
}

void Inspectors::wait_for_one() {
    int status = 0;
    pid_t const child = ::wait(&status);
    auto const ended = running_.extract(child);
    if (ended.empty() || status == 0) return;
    ++failed_;
    if (WIFSIGNALED(status)) std::printf("%s: died of signal %d\n", ended.mapped().c_str(), WTERMSIG(status));
}

} // namespace postern::crash
