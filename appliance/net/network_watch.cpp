#include "net/network_watch.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <format>

namespace postern::net {

namespace asio = boost::asio;

std::expected<std::unique_ptr<NetworkWatch>, std::string> NetworkWatch::open(asio::any_io_executor executor) {
    int const descriptor = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
    if (descriptor < 0 || ::bind(descriptor, reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0) {
        std::string const reason = std::format("the network cannot be watched: {}", std::strerror(errno));
        if (descriptor >= 0) ::close(descriptor);
        return std::unexpected(reason);
    }
    return std::unique_ptr<NetworkWatch>(
        new NetworkWatch(asio::posix::stream_descriptor(std::move(executor), descriptor)));
}

asio::awaitable<void> NetworkWatch::changed() {
    (void)co_await socket_.async_wait(asio::posix::stream_descriptor::wait_read, asio::as_tuple(asio::deferred));
    // What it says does not matter; ENOBUFS, for more than it could keep, is a change as well.
    std::array<char, 8192> nowhere;
    while (::recv(socket_.native_handle(), nowhere.data(), nowhere.size(), MSG_DONTWAIT) > 0) {
    }
}

} // namespace postern::net
