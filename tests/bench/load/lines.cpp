#include "lines.h"

#include "options.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace postern::bench {

namespace {
[[noreturn]] void fail(char const* what) { throw std::system_error(errno, std::generic_category(), what); }
} // namespace

int connect_to(std::uint16_t port) {
    int const socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) fail("socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int const yes = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        ::close(socket);
        fail("connect");
    }
    return socket;
}

Conversation::~Conversation() { close(); }

void Conversation::open(std::uint16_t port) {
    socket_ = connect_to(port);
    fcntl(socket_, F_SETFL, O_NONBLOCK);
    epoll_event event{.events = EPOLLIN, .data = {.ptr = this}};
    if (epoll_ctl(loop_.epoll_, EPOLL_CTL_ADD, socket_, &event) != 0) fail("epoll_ctl");
    ++loop_.open_;
}

void Conversation::close() {
    if (socket_ < 0) return;
    ::close(socket_);
    socket_ = -1;
    received_.clear();
    to_send_ = {};
    wait_writable_ = false;
    ++connection_;
    --loop_.open_;
}

void Conversation::send(std::string_view octets) {
    to_send_ = octets;
    on_writable();
}

void Conversation::on_writable() {
    auto const sent = ::send(socket_, to_send_.data(), to_send_.size(), MSG_NOSIGNAL);
    if (sent > 0) to_send_.remove_prefix(static_cast<std::size_t>(sent));
    if (sent < 0 && errno != EAGAIN) to_send_ = {}; // the connection is broken, which reading tells
    if (to_send_.empty() == !wait_writable_) return;
    wait_writable_ = !wait_writable_;
    epoll_event event{.events = EPOLLIN | (wait_writable_ ? EPOLLOUT : 0u), .data = {.ptr = this}};
    if (epoll_ctl(loop_.epoll_, EPOLL_CTL_MOD, socket_, &event) != 0) fail("epoll_ctl");
}

void Conversation::on_readable() {
    std::array<char, 65536> buffer;
    auto const size = recv(socket_, buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) {
        close();
        on_end();
        return;
    }
    std::string_view octets(buffer.data(), static_cast<std::size_t>(size));
    std::uint64_t const connection = connection_;
    while (connection == connection_) {
        auto const end = octets.find('\n');
        if (end == std::string_view::npos) {
            received_ += octets;
            return;
        }
        std::string whole;
        std::string_view line = octets.substr(0, end);
        if (!received_.empty()) {
            whole = std::move(received_);
            received_.clear();
            whole += line;
            line = whole;
        }
        octets.remove_prefix(end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        on_line(line);
    }
}

Loop::Loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) fail("epoll_create1");
}

Loop::~Loop() { ::close(epoll_); }

void Loop::run(std::chrono::seconds limit, std::chrono::seconds patience) {
    auto const began = Clock::now();
    std::array<epoll_event, 64> events;
    while (open_ > 0) {
        auto const wait = std::chrono::milliseconds(patience).count();
        int const count = epoll_wait(epoll_, events.data(), events.size(), static_cast<int>(wait));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail("epoll_wait");
        if (count == 0) throw std::runtime_error("the server answers no more");
        if (Clock::now() - began > limit) throw std::runtime_error("the time is over");
        for (int n = 0; n < count; ++n) {
            auto* const conversation = static_cast<Conversation*>(events[static_cast<std::size_t>(n)].data.ptr);
            auto const happened = events[static_cast<std::size_t>(n)].events;
            std::uint64_t const connection = conversation->connection_;
            if ((happened & EPOLLOUT) != 0) conversation->on_writable();
            if ((happened & ~std::uint32_t{EPOLLOUT}) != 0 && connection == conversation->connection_)
                conversation->on_readable();
        }
    }
}

} // namespace postern::bench
