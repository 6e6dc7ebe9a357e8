// Tells when the system's network became another: a carrier, an address, a route came or went (rtnetlink(7)). What it
// is now, nobody knows better than who tries to connect.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <expected>
#include <memory>
#include <string>

namespace postern::net {

// One executor.
class NetworkWatch {
public:
    static std::expected<std::unique_ptr<NetworkWatch>, std::string> open(boost::asio::any_io_executor executor);

    // Returns after the next change; several at once are one. Asio's cancellation ends it.
    boost::asio::awaitable<void> changed();

private:
    explicit NetworkWatch(boost::asio::posix::stream_descriptor socket) : socket_(std::move(socket)) {}

    boost::asio::posix::stream_descriptor socket_;
};

} // namespace postern::net
