#include "setup/serial_face.h"

#include "setup/escape_sequence.h"
#include "setup/layout.h"
#include "text/utf8.h"

#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include <curses.h>
#include <langinfo.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <clocale>
#include <cstdlib>
#include <format>
#include <string>
#include <string_view>
#include <vector>

namespace postern::setup {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::minutes idle_limit{10}; // after which whoever comes is asked for the password again
constexpr int escape_delay = 100;              // milliseconds between the octets of a key, at 9600 baud and worse
constexpr int control_u = 21, control_l = 12, backspace = 8, rubout = 127;

class Terminal {
public:
    Terminal() {
        char const* const kind = std::getenv("TERM");
        if (kind == nullptr || std::string_view(kind) == "dumb" || ::isatty(STDIN_FILENO) == 0) return;
        std::setlocale(LC_ALL, "");
        ascii_ = std::string_view(::nl_langinfo(CODESET)) != "UTF-8";
        if (ascii_) std::setlocale(LC_CTYPE, "C.UTF-8"); // for what is typed
        ::set_escdelay(escape_delay);
        screen_ = ::newterm(nullptr, stdout, stdin);
        if (screen_ == nullptr) return;
        ::raw();
        ::noecho();
        ::nonl();
        ::keypad(stdscr, TRUE);
        ::nodelay(stdscr, TRUE);
        ::curs_set(0);
    }
    ~Terminal() {
        if (screen_ == nullptr) return;
        ::endwin();
        ::delscreen(screen_);
    }
    Terminal(Terminal const&) = delete;
    Terminal& operator=(Terminal const&) = delete;

    [[nodiscard]] bool works() const { return screen_ != nullptr; }
    [[nodiscard]] std::string shown(std::string_view text) const { return ascii_ ? in_ascii(text) : std::string(text); }

private:
    SCREEN* screen_ = nullptr;
    bool ascii_ = false;
};

class Face {
public:
    Face(Desk& desk, Terminal const& terminal) : desk_(desk), terminal_(terminal) {}

    void run() {
        desk_.menu.on_wait = [this] { hint(desk_.words().wait); };
        if (::getuid() == 0) desk_.shell = run_shell;
        open_first_screen(desk_);
        while (!desk_.menu.over()) {
            draw();
            if (!read_keys()) return;
        }
    }

private:
    void put(int row, int column, std::string_view text) const {
        ::mvaddstr(row, column,
                   cut(terminal_.shown(text), static_cast<std::size_t>(std::max(COLS - column, 0))).c_str());
    }

    void hint(std::string_view text) const {
        ::move(LINES - 1, 0);
        ::clrtoeol();
        put(LINES - 1, 0, text);
        ::refresh();
    }

    // A line, and to which item it belongs.
    struct Line {
        std::string text;
        std::size_t item;
    };

    // Labels that are there to be read have what they are beside them, aligned.
    [[nodiscard]] std::vector<Line> item_lines() const {
        auto const& items = desk_.menu.screen().items;
        constexpr std::size_t margin = 3;
        auto const width = static_cast<std::size_t>(std::max(COLS, 10)) - margin;
        std::size_t label_width = 0;
        for (auto const& item : items)
            if (!item.value.empty()) label_width = std::max(label_width, columns(terminal_.shown(item.label)));
        label_width = std::min(label_width, width / 2);
        std::vector<Line> lines;
        for (std::size_t at = 0; at < items.size(); ++at) {
            std::string text = terminal_.shown(items[at].label);
            if (!items[at].value.empty()) {
                if (auto const used = columns(text); used < label_width) text.append(label_width - used, '.');
                text += "  " + terminal_.shown(items[at].value);
            }
            for (auto& line : wrap(text, width)) lines.push_back({std::move(line), at});
        }
        return lines;
    }

    void draw() {
        Menu const& menu = desk_.menu;
        Screen const& screen = menu.screen();
        ::erase();
        ::attron(A_REVERSE);
        ::mvhline(0, 0, ' ', COLS);
        put(0, 1, screen.title);
        ::attroff(A_REVERSE);
        int const bottom = LINES - 1;
        int row = LINES > 14 ? 2 : 1;
        std::vector<std::string> text;
        for (auto const& paragraph : screen.text)
            for (auto& line : wrap(terminal_.shown(paragraph), static_cast<std::size_t>(std::max(COLS - 2, 10))))
                text.push_back(std::move(line));
        bool const only_text = screen.items.empty() && !screen.entry;
        int const kept = only_text ? 0 : screen.entry ? 3 : std::min<int>(4, static_cast<int>(screen.items.size()));
        int const room = std::max(bottom - row - kept, 0);
        scroll_ = only_text ? std::clamp(scroll_, 0, std::max(static_cast<int>(text.size()) - room, 0)) : 0;
        for (int at = scroll_; at < static_cast<int>(text.size()) && at - scroll_ < room; ++at)
            put(row++, 1, text[static_cast<std::size_t>(at)]);
        if (screen.entry) {
            draw_entry(std::min(row + (room > static_cast<int>(text.size()) && !text.empty() ? 1 : 0), bottom - 2));
        } else {
            ::curs_set(0);
            if (!text.empty() && LINES > 14) ++row;
            draw_items(row, bottom);
        }
        hint(screen.entry ? desk_.words().typed_keys : desk_.words().keys);
        if (screen.entry) ::move(cursor_row_, cursor_column_);
        ::refresh();
    }

    void draw_entry(int row) {
        Menu const& menu = desk_.menu;
        auto const width = static_cast<std::size_t>(std::max(COLS - 5, 5));
        std::string const typed = menu.screen().entry->secret ? std::string(columns(menu.typed()), '*') : menu.typed();
        std::string const end = cut_front(terminal_.shown(typed), width);
        put(row, 1, "> " + end);
        int below = row + 1;
        for (auto const& line :
             wrap(terminal_.shown(menu.complaint()), static_cast<std::size_t>(std::max(COLS - 2, 10))))
            if (below < LINES - 1) put(below++, 1, line);
        cursor_row_ = row;
        cursor_column_ = 3 + static_cast<int>(columns(end));
        ::curs_set(1);
    }

    void draw_items(int row, int bottom) {
        auto const lines = item_lines();
        auto const room = static_cast<std::size_t>(std::max(bottom - row, 1));
        auto const cursor = desk_.menu.cursor();
        auto const is_there = [&](Line const& line) { return line.item == cursor; };
        auto const last = std::ranges::find_last_if(lines, is_there);
        auto const at = last.empty() ? 0UZ : static_cast<std::size_t>(last.begin() - lines.begin());
        std::size_t const begin = at >= room ? at + 1 - room : 0;
        for (std::size_t line = begin; line < std::min(lines.size(), begin + room); ++line) {
            bool const here = lines[line].item == cursor;
            bool const first = line == 0 || lines[line - 1].item != lines[line].item;
            if (here) ::attron(A_BOLD);
            put(row, 1, here && first ? ">" : " ");
            put(row++, 3, lines[line].text);
            if (here) ::attroff(A_BOLD);
        }
    }

    // All that were pressed meanwhile. False: nobody is there any more.
    bool read_keys() {
        pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
        bool const watched = static_cast<bool>(desk_.menu.screen().watch);
        std::chrono::milliseconds const limit = watched ? watch_interval : idle_limit;
        int const there = ::poll(&input, 1, watched || desk_.guarded ? static_cast<int>(limit.count()) : -1);
        idle_ = there == 0 ? idle_ + limit : 0ms;
        if (there == 0) {
            desk_.menu.look();
            return !desk_.guarded || idle_ < idle_limit;
        }
        int octets = 0;
        bool const end = there > 0 && (::ioctl(STDIN_FILENO, FIONREAD, &octets) != 0 || octets == 0);
        if (end) return false;
        wint_t key = 0;
        // What is no character at all is passed over.
        for (int kind = ::get_wch(&key); kind != ERR && !desk_.menu.over(); kind = ::get_wch(&key)) {
            if (kind == KEY_CODE_YES)
                take_key(static_cast<int>(key));
            else
                take_character(static_cast<char32_t>(key));
        }
        if (!desk_.menu.over() && sequence_.pause()) back();
        return true;
    }

    void take_key(int key) {
        Menu& menu = desk_.menu;
        if (sequence_.pause()) back();
        switch (key) {
        case KEY_UP: --scroll_; return menu.up();
        case KEY_DOWN: ++scroll_; return menu.down();
        case KEY_LEFT: return menu.screen().entry ? void() : back();
        case KEY_RIGHT: return menu.screen().entry ? void() : menu.enter();
        case KEY_ENTER: return menu.enter();
        case KEY_BACKSPACE: return menu.erase();
        default: return;
        }
    }

    void take_character(char32_t character) {
        Menu& menu = desk_.menu;
        auto const typed_now = sequence_.take(character);
        if (typed_now.escape) back();
        if (!typed_now.character) return;
        if (character == '\r' || character == '\n') return menu.enter();
        if (character == control_l) {
            ::clearok(stdscr, TRUE);
            return;
        }
        if (!menu.screen().entry) return take_letter(character);
        if (character == backspace || character == rubout) return menu.erase();
        if (character == control_u) return menu.erase_all();
        if (character < ' ') return;
        std::string typed;
        text::append_utf8(typed, character);
        menu.type(typed);
    }

    // For terminals without arrows.
    void take_letter(char32_t letter) {
        Menu& menu = desk_.menu;
        if (letter == 'k') return menu.up();
        if (letter == 'j') return menu.down();
        if (letter >= '1' && letter <= '9') menu.choose(letter - '1');
    }

    // The first screen is not left, lest what was answered be lost.
    void back() {
        if (desk_.menu.depth() > 1) desk_.menu.back();
    }

    static void run_shell() {
        ::def_prog_mode();
        ::endwin();
        pid_t const child = ::fork();
        if (child == 0) {
            ::execl("/bin/sh", "sh", "-l", nullptr);
            ::_exit(127);
        }
        if (child > 0) ::waitpid(child, nullptr, 0);
        ::reset_prog_mode();
        ::clearok(stdscr, TRUE);
    }

    Desk& desk_;
    Terminal const& terminal_;
    EscapeSequence sequence_;
    std::chrono::milliseconds idle_{0};
    int scroll_ = 0; // of a screen that is text alone
    int cursor_row_ = 0, cursor_column_ = 0;
};

} // namespace

bool run_on_terminal(Desk& desk) {
    Terminal const terminal;
    if (!terminal.works()) return false;
    Face(desk, terminal).run();
    return true;
}

} // namespace postern::setup
