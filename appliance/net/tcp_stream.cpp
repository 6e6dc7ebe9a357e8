#include "net/tcp_stream.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <tuple>

namespace postern::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto as_values = asio::as_tuple(asio::deferred);

// What close() takes from a peer that keeps talking before it gives up on an orderly end.
constexpr std::size_t most_discarded = 1024 * 1024;

// How a peer is asked whether it is there: so many times, so long apart.
constexpr int probes = 3;
constexpr std::chrono::seconds probe_interval{2};
constexpr std::chrono::seconds probe_time = probes * probe_interval;

std::string written(asio::ip::address const& address) {
    if (address.is_v4()) return address.to_string();
    asio::ip::address_v6 v6 = address.to_v6();
    if (v6.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string();
    v6.scope_id(0); // the interface's name is no part of the address
    return v6.to_string();
}

} // namespace

TcpStream::TcpStream(tcp::socket socket) : socket_(std::move(socket)) {
    // A peer that is gone already makes these fail, and the first read say so.
    boost::system::error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.set_option(asio::socket_base::keep_alive(true), ignored);
}

asio::awaitable<std::expected<std::size_t, std::error_code>> TcpStream::read_some(std::span<char> into) {
    for (;;) {
        boost::system::error_code error;
        std::size_t const octets = socket_.read_some(asio::buffer(into.data(), into.size()), error);
        if (!error) co_return octets;
        if (error == asio::error::eof) co_return 0;
        if (error != asio::error::would_block) co_return std::unexpected(std::error_code(error));
        if (std::error_code const failed = co_await wait_readable()) co_return std::unexpected(failed);
    }
}

asio::awaitable<std::error_code> TcpStream::wait_readable() {
    // Always by way of the reactor, so that a peer that never stops talking leaves others their turn.
    auto const [error] = co_await socket_.async_wait(tcp::socket::wait_read, as_values);
    co_return std::error_code(error);
}

asio::awaitable<std::error_code> TcpStream::write_all(std::string_view octets) {
    // Most of what is said fits the socket's buffer, and needs no wait. Not asio::async_write for the rest: a cancel()
    // that comes between two of its steps would be lost.
    unsigned const begun = cancellations_;
    while (!octets.empty()) {
        boost::system::error_code error;
        std::size_t const sent = socket_.write_some(asio::buffer(octets), error);
        octets.remove_prefix(sent);
        if (error == asio::error::would_block)
            std::tie(error) = co_await socket_.async_wait(tcp::socket::wait_write, as_values);
        if (error) co_return std::error_code(error);
        if (cancellations_ != begun && !octets.empty()) co_return std::make_error_code(std::errc::operation_canceled);
    }
    co_return std::error_code{};
}

void TcpStream::cancel() {
    ++cancellations_;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

asio::awaitable<void> TcpStream::close() {
    unsigned const begun = cancellations_;
    boost::system::error_code failed;
    socket_.shutdown(tcp::socket::shutdown_send, failed);
    // Closing while input is unread, or still comes, would send a reset, and that may overtake our last reply.
    std::size_t discarded = 0;
    while (!failed && cancellations_ == begun && discarded < most_discarded) {
        auto const [error] = co_await socket_.async_wait(tcp::socket::wait_read, as_values);
        if (error) break;
        std::array<char, 4096> nowhere;
        std::size_t const octets = socket_.read_some(asio::buffer(nowhere), failed);
        if (failed == asio::error::would_block) failed.clear();
        discarded += octets;
    }
    socket_.close(failed);
}

// tcp(7). What the peer has not acknowledged is its proof, or else keepalives are, each of which may be lost: a system
// that is there answers one of them. They go on as long as the connection, a packet every few seconds of silence.
void TcpStream::probe() {
    auto const set = [socket = socket_.native_handle()](int option, int value) {
        (void)::setsockopt(socket, IPPROTO_TCP, option, &value, sizeof value);
    };
    int unacknowledged = 0;
    if (::ioctl(socket_.native_handle(), SIOCOUTQ, &unacknowledged) == 0 && unacknowledged > 0) {
        set(TCP_USER_TIMEOUT, static_cast<int>(std::chrono::milliseconds(probe_time).count()));
        return;
    }
    set(TCP_KEEPCNT, probes);
    set(TCP_KEEPINTVL, static_cast<int>(probe_interval.count()));
    set(TCP_KEEPIDLE, static_cast<int>(probe_interval.count()));
}

asio::any_io_executor TcpStream::executor() const { return const_cast<tcp::socket&>(socket_).get_executor(); }

Endpoints endpoints_of(tcp::socket const& socket) {
    boost::system::error_code error;
    tcp::endpoint const peer = socket.remote_endpoint(error);
    if (error) return {};
    tcp::endpoint const local = socket.local_endpoint(error);
    if (error) return {};
    return {written(peer.address()), peer.port(), written(local.address()), local.port()};
}

} // namespace postern::net
