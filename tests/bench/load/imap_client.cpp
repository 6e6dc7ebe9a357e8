#include "imap_client.h"

#include "lines.h"
#include "tls_connection.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <format>
#include <stdexcept>
#include <system_error>

namespace postern::bench {

namespace {

constexpr std::size_t buffer_size = 1 << 20;

// The octets of a literal that the line announces, if it does (RFC 3501 §4.3).
std::uint64_t literal(std::string_view line) {
    if (!line.ends_with("}\r\n")) return 0;
    auto const brace = line.rfind('{');
    std::uint64_t size = 0;
    if (brace != std::string_view::npos) std::from_chars(line.data() + brace + 1, line.data() + line.size(), size);
    return size;
}

} // namespace

std::uint64_t number_in(std::string_view text, std::string_view after) {
    auto const at = text.find(after);
    std::uint64_t number = 0;
    if (at != std::string_view::npos)
        std::from_chars(text.data() + at + after.size(), text.data() + text.size(), number);
    return number;
}

ImapClient::ImapClient(Options const& options)
    : socket_(connect_to(static_cast<std::uint16_t>(options.number("imap")))),
      buffer_(std::make_unique_for_overwrite<char[]>(buffer_size)) {
    timeval const patience{.tv_sec = 300, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (options.number("imaps", 0) != 0) tls_ = std::make_unique<TlsConnection>(socket_);
    if (!line().starts_with("* OK")) throw std::runtime_error("IMAP: no greeting");
    command(std::format("LOGIN {} \"{}\"", options.text("user"), options.text("password")));
}

ImapClient::~ImapClient() {
    tls_.reset();
    ::close(socket_);
}

void ImapClient::send(std::string_view octets) {
    if (tls_) return tls_->write(octets);
    while (!octets.empty()) {
        auto const sent = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
        if (sent < 0) throw std::system_error(errno, std::generic_category(), "send");
        octets.remove_prefix(static_cast<std::size_t>(sent));
    }
}

std::size_t ImapClient::receive(std::span<char> into) {
    if (tls_) return tls_->read(into);
    auto const size = recv(socket_, into.data(), into.size(), 0);
    if (size < 0) throw std::system_error(errno, std::generic_category(), "recv");
    return static_cast<std::size_t>(size);
}

bool ImapClient::fill() {
    if (taken_ > 0) {
        std::memmove(buffer_.get(), buffer_.get() + taken_, filled_ - taken_);
        filled_ -= taken_;
        taken_ = 0;
    }
    if (filled_ == buffer_size) throw std::runtime_error("IMAP: a line of more than 1 MiB");
    auto const size = receive(std::span(buffer_.get() + filled_, buffer_size - filled_));
    filled_ += size;
    received_ += size;
    return size > 0;
}

std::string_view ImapClient::line() {
    std::size_t searched = 0;
    while (true) {
        char const* const from = buffer_.get() + taken_;
        if (auto const* end =
                static_cast<char const*>(std::memchr(from + searched, '\n', filled_ - taken_ - searched))) {
            std::string_view const whole(from, static_cast<std::size_t>(end + 1 - from));
            taken_ += whole.size();
            return whole;
        }
        searched = filled_ - taken_;
        if (!fill()) throw std::runtime_error("IMAP: the server closed the connection");
    }
}

void ImapClient::skip(std::uint64_t octets) {
    while (true) {
        auto const step = std::min<std::uint64_t>(octets, filled_ - taken_);
        taken_ += step;
        octets -= step;
        if (octets == 0) return;
        if (!fill()) throw std::runtime_error("IMAP: the server closed the connection");
    }
}

ImapClient::Answer ImapClient::command(std::string_view command, std::function<void(std::string_view)> const& look) {
    send(std::format("a {}\r\n", command));
    return answer(command, look);
}

ImapClient::Answer ImapClient::answer(std::string_view command, std::function<void(std::string_view)> const& look) {
    Answer answer;
    std::uint64_t const before = received_;
    while (true) {
        std::string_view text = line();
        if (text.starts_with("a ")) {
            if (!text.starts_with("a OK"))
                throw std::runtime_error(std::format("IMAP: {}: {}", command.substr(0, 60), text));
            answer.octets = received_ - before;
            return answer;
        }
        if (text.starts_with("* ")) {
            ++answer.responses;
            if (look) look(text.substr(2));
        }
        while (std::uint64_t const size = literal(text)) {
            skip(size);
            text = line();
        }
    }
}

void ImapClient::append(std::string_view mailbox, std::string_view message, std::string_view flags) {
    send(std::format("a APPEND {} ({}) {{{}+}}\r\n{}\r\n", mailbox, flags, message.size(), message));
    answer("APPEND", {});
}

void ImapClient::idle() {
    send("a IDLE\r\n");
    while (!line().starts_with("+")) {
    }
}

std::uint64_t ImapClient::select(std::string_view mailbox) {
    std::uint64_t exists = 0;
    command(std::format("SELECT {}", mailbox), [&](std::string_view response) {
        if (response.find(" EXISTS") != std::string_view::npos) exists = number_in(response, "");
    });
    return exists;
}

std::uint64_t ImapClient::count(std::string_view mailbox) {
    std::uint64_t messages = 0;
    command(std::format("STATUS {} (MESSAGES)", mailbox), [&](std::string_view response) {
        if (response.starts_with("STATUS")) messages = number_in(response, "(MESSAGES ");
    });
    return messages;
}

} // namespace postern::bench
