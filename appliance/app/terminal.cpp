#include "app/terminal.h"

#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace postern::app {

namespace {

std::sig_atomic_t volatile interrupted = 0;

// While it lives, Ctrl-C ends a read and is kept for later: a terminal must not be left without echo.
class InterruptHeld {
public:
    InterruptHeld() {
        struct sigaction hold{};
        hold.sa_handler = [](int) { interrupted = 1; };
        ::sigaction(SIGINT, &hold, &before_);
    }
    ~InterruptHeld() {
        ::sigaction(SIGINT, &before_, nullptr);
        if (interrupted != 0) ::raise(SIGINT);
    }
    InterruptHeld(InterruptHeld const&) = delete;
    InterruptHeld& operator=(InterruptHeld const&) = delete;

private:
    struct sigaction before_{};
};

} // namespace

bool has_terminal() { return ::isatty(STDIN_FILENO) == 1; }

std::optional<core::Secret> read_secret_line() {
    std::string line;
    for (char octet = 0; ::read(STDIN_FILENO, &octet, 1) == 1;) {
        if (octet == '\n') return core::Secret(std::move(line));
        line += octet;
    }
    if (line.empty()) return std::nullopt;
    return core::Secret(std::move(line));
}

std::optional<core::Secret> ask_secret(std::string const& prompt) {
    termios shown{};
    if (::tcgetattr(STDIN_FILENO, &shown) != 0) return std::nullopt;
    termios hidden = shown;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    InterruptHeld const held;
    std::fputs(prompt.c_str(), stderr);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    auto secret = read_secret_line();
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    std::fputs("\n", stderr);
    return secret;
}

} // namespace postern::app
