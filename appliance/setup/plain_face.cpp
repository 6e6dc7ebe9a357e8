#include "setup/plain_face.h"

#include "core/settings.h"
#include "core/trim.h"
#include "setup/layout.h"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <format>
#include <optional>
#include <string>

namespace postern::setup {

namespace {

constexpr std::size_t line_width = 78;

void say(std::string_view text) { std::fputs(std::format("{}\n", text).c_str(), stdout); }

// While it lives, a terminal does not show what is typed.
class Unseen {
public:
    explicit Unseen(bool wanted) : held_(wanted && ::tcgetattr(STDIN_FILENO, &shown_) == 0) {
        if (!held_) return;
        termios hidden = shown_;
        hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    ~Unseen() {
        if (!held_) return;
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown_);
        say("");
    }
    Unseen(Unseen const&) = delete;
    Unseen& operator=(Unseen const&) = delete;

private:
    termios shown_{};
    bool held_;
};

std::optional<std::string> read_line() {
    std::string line;
    for (char octet = 0; ::read(STDIN_FILENO, &octet, 1) == 1;) {
        if (octet == '\n') return line;
        if (octet != '\r') line += octet;
    }
    return std::nullopt;
}

std::string shown(Menu const& menu) {
    auto const& screen = menu.screen();
    std::string text = std::format("\n== {} ==\n", screen.title);
    for (auto const& paragraph : screen.text)
        for (auto const& line : wrap(paragraph, line_width)) text += line + "\n";
    for (std::size_t at = 0; at < screen.items.size(); ++at) {
        auto const& [label, value, chosen] = screen.items[at];
        text += chosen ? std::format("{:2}  ", at + 1) : "    ";
        text += value.empty() ? std::format("{}\n", label) : std::format("{}: {}\n", label, value);
    }
    if (!menu.complaint().empty()) text += std::format("! {}\n", menu.complaint());
    return text;
}

// False: something else is to be shown before anything was typed.
bool await_input(Menu& menu) {
    auto const before = shown(menu);
    constexpr auto interval = std::chrono::milliseconds(watch_interval);
    while (menu.screen().watch) {
        pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
        if (::poll(&input, 1, static_cast<int>(interval.count())) != 0) return true;
        menu.look();
        if (menu.over() || shown(menu) != before) return false;
    }
    return true;
}

struct Said {
    std::optional<std::string> line; // nothing: the input ended, or the screen
    bool ended = true;
};

// Of an entry: a dash by itself empties what is proposed, an empty line takes it; of items a number.
Said ask(Desk& desk) {
    auto const& screen = desk.menu.screen();
    say(screen.entry ? desk.words().plain_typed : desk.words().plain_keys);
    if (screen.entry && !screen.entry->secret && !desk.menu.typed().empty())
        std::fputs(std::format("[{}] ", desk.menu.typed()).c_str(), stdout);
    if (screen.entry && screen.entry->secret) say(desk.words().secret_hint);
    std::fputs("> ", stdout);
    std::fflush(stdout);
    Unseen const unseen(screen.entry && screen.entry->secret);
    if (!await_input(desk.menu)) return {.line = std::nullopt, .ended = false};
    return {.line = read_line()};
}

} // namespace

void run_plain(Desk& desk) {
    Menu& menu = desk.menu;
    menu.on_wait = [&desk] {
        say(desk.words().wait);
        std::fflush(stdout);
    };
    open_first_screen(desk);
    while (!menu.over()) {
        std::fputs(shown(menu).c_str(), stdout);
        auto [line, ended] = ask(desk);
        if (!line && ended) return;
        if (!line) continue;
        if (menu.screen().entry) {
            if (*line == "<" && menu.depth() > 1) {
                menu.back();
                continue;
            }
            if (!line->empty()) {
                menu.erase_all();
                if (*line != "-") menu.type(*line);
            }
            core::wipe(*line);
            menu.enter();
        } else if (auto const number = core::parse_count(core::trimmed(*line)); number && *number > 0) {
            menu.choose(*number - 1);
        } else if (line->empty() && (menu.depth() > 1 || menu.screen().items.empty())) {
            menu.back();
        }
    }
}

} // namespace postern::setup
