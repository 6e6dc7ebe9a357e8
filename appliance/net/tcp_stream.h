// A TCP connection as a Stream.
#pragma once

#include "net/address.h"
#include "net/stream.h"

#include <boost/asio/ip/tcp.hpp>

namespace postern::net {

class TcpStream final : public Stream {
public:
    // A connected socket. Small replies leave at once (TCP_NODELAY), and a peer that vanished without a word is noticed
    // (SO_KEEPALIVE) while a session idles.
    explicit TcpStream(boost::asio::ip::tcp::socket socket);

    boost::asio::awaitable<std::expected<std::size_t, std::error_code>> read_some(std::span<char> into) override;
    boost::asio::awaitable<std::error_code> wait_readable() override;
    boost::asio::awaitable<std::error_code> write_all(std::string_view octets) override;
    void cancel() override;
    boost::asio::awaitable<void> close() override;
    void probe() override;
    [[nodiscard]] boost::asio::any_io_executor executor() const override;

private:
    boost::asio::ip::tcp::socket socket_;
    unsigned cancellations_ = 0;
};

// Both ends of a connected socket; empty when it is not connected any more.
[[nodiscard]] Endpoints endpoints_of(boost::asio::ip::tcp::socket const& socket);

} // namespace postern::net
