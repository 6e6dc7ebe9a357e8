#include "setup/lcd_connection.h"

#include "core/settings.h"
#include "core/words.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <format>
#include <iterator>
#include <utility>

namespace postern::setup {

namespace {

using namespace std::chrono_literals;

constexpr auto greeting_limit = 5s;
constexpr std::size_t longest_line = 4096;
constexpr std::size_t narrowest = 8, widest = 80, lowest = 2, highest = 16;

// By any name that drivers give it. Letters are for keyboards, whose arrows some of them take for Escape.
struct KeyRow {
    std::string_view name;
    LcdKey key;
};
constexpr KeyRow keys[] = {{"Up", LcdKey::up},   {"u", LcdKey::up},        {"Down", LcdKey::down},
                           {"d", LcdKey::down},  {"Enter", LcdKey::enter}, {"Right", LcdKey::enter},
                           {"e", LcdKey::enter}, {"Escape", LcdKey::back}, {"Left", LcdKey::back},
                           {"b", LcdKey::back}};

int connect_to(std::string const& host, std::string const& port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) {
        errno = ENOENT;
        return -1;
    }
    int descriptor = -1;
    for (addrinfo const* at = found; at != nullptr && descriptor < 0; at = at->ai_next) {
        descriptor = ::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
        if (descriptor < 0 || ::connect(descriptor, at->ai_addr, at->ai_addrlen) == 0) continue;
        int const reason = errno;
        ::close(std::exchange(descriptor, -1));
        errno = reason;
    }
    ::freeaddrinfo(found);
    return descriptor;
}

} // namespace

std::optional<DisplaySize> read_display_size(std::string_view greeting) {
    auto const words = core::words(greeting);
    if (words.empty() || words.front() != "connect") return std::nullopt;
    auto const number_after = [&](std::string_view name) {
        auto const at = std::ranges::find(words, name);
        return at == words.end() || std::next(at) == words.end() ? std::nullopt : core::parse_count(*std::next(at));
    };
    auto const width = number_after("wid"), height = number_after("hgt");
    if (!width || !height || *width < narrowest || *width > widest || *height < lowest || *height > highest)
        return std::nullopt;
    return DisplaySize{static_cast<std::size_t>(*width), static_cast<std::size_t>(*height)};
}

std::string lcd_quoted(std::string_view text) {
    std::string quoted = "\"";
    for (char const c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
    return quoted + '"';
}

std::expected<std::unique_ptr<LcdConnection>, std::string> LcdConnection::open(std::string const& place) {
    auto const colon = place.rfind(':');
    auto const host = place.substr(0, colon);
    int const descriptor = connect_to(host, colon == std::string::npos ? "13666" : place.substr(colon + 1));
    if (descriptor < 0) return std::unexpected(std::format("cannot connect to {}: {}", place, std::strerror(errno)));
    std::unique_ptr<LcdConnection> lcd(new LcdConnection(descriptor));
    lcd->say("hello");
    auto const greeting = lcd->hear(greeting_limit);
    auto const size = greeting && *greeting ? read_display_size(**greeting) : std::nullopt;
    if (!size) return std::unexpected(std::format("{} is no LCDd with a display that is large enough", place));
    lcd->size_ = *size;
    lcd->shown_.resize(size->height);
    lcd->say("client_set -name Postern");
    lcd->say("screen_add p");
    lcd->say("screen_set p -name Postern -priority foreground -heartbeat off");
    for (std::size_t row = 0; row < size->height; ++row) lcd->say(std::format("widget_add p r{} string", row));
    std::string named;
    for (auto const& row : keys) named += std::format(" {}", row.name);
    lcd->say("client_add_key" + named);
    return lcd;
}

LcdConnection::~LcdConnection() { ::close(descriptor_); }

void LcdConnection::say(std::string_view line) {
    std::string octets = std::format("{}\n", line);
    for (std::string_view rest = octets; !rest.empty() && !gone_;) {
        ssize_t const sent = ::send(descriptor_, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0)
            gone_ = true;
        else
            rest.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void LcdConnection::show(DisplayLines lines) {
    if (lines == wanted_) return;
    wanted_ = std::move(lines);
    tick_ = 0;
    draw();
}

void LcdConnection::draw() {
    for (std::size_t row = 0; row < size_.height; ++row) {
        auto line = row < wanted_.size() ? scrolled(wanted_[row], tick_, size_.width) : std::string();
        if (line == shown_[row]) continue;
        say(std::format("widget_set p r{} 1 {} {}", row, row + 1, lcd_quoted(line)));
        shown_[row] = std::move(line);
    }
}

std::expected<std::optional<std::string>, std::string> LcdConnection::hear(std::chrono::milliseconds time) {
    auto const until = std::chrono::steady_clock::now() + time;
    while (true) {
        if (auto const end = heard_.find('\n'); end != std::string::npos) {
            std::string line = heard_.substr(0, end);
            heard_.erase(0, end + 1);
            return line;
        }
        auto const left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left <= 0ms) return std::nullopt;
        pollfd there{.fd = descriptor_, .events = POLLIN, .revents = 0};
        int const ready = ::poll(&there, 1, static_cast<int>(left.count()));
        if (ready == 0) return std::nullopt;
        if (ready < 0 && errno == EINTR) continue;
        char octets[512];
        ssize_t const got = ::recv(descriptor_, octets, sizeof octets, 0);
        if (got <= 0 || heard_.size() > longest_line) return std::unexpected("LCDd is gone");
        heard_.append(octets, static_cast<std::size_t>(got));
    }
}

std::expected<std::optional<LcdKey>, std::string> LcdConnection::wait(std::chrono::milliseconds time) {
    auto const until = std::chrono::steady_clock::now() + time;
    bool const scrolls = ticks_to_read(wanted_, size_.width) != 0;
    while (!gone_) {
        auto const left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left <= 0ms) return std::nullopt;
        auto const line = hear(scrolls ? std::min(left, step) : left);
        if (!line) return std::unexpected(line.error());
        if (!*line) {
            ++tick_;
            draw();
            continue;
        }
        auto const words = core::words(**line);
        if (words.size() < 2 || words[0] != "key") continue;
        auto const row = std::ranges::find(keys, words.back(), &KeyRow::name);
        if (row != std::end(keys)) return row->key;
    }
    return std::unexpected("LCDd is gone");
}

} // namespace postern::setup
