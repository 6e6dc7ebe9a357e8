// Octets both ways, without buffering: what a Connection reads from and writes to.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace postern::net {

// One read and one write may be under way at a time. Cancelling a read (asio cancellation) loses no octets.
class Stream {
public:
    virtual ~Stream() = default;

    // At least one octet; zero means the peer closed its side in an orderly way.
    virtual boost::asio::awaitable<std::expected<std::size_t, std::error_code>> read_some(std::span<char> into) = 0;
    // Waits until read_some would not wait: an idle connection needs no buffer.
    virtual boost::asio::awaitable<std::error_code> wait_readable() = 0;
    virtual boost::asio::awaitable<std::error_code> write_all(std::string_view octets) = 0;
    // TLS says close_notify first.
    virtual boost::asio::awaitable<void> close() = 0;
    [[nodiscard]] virtual std::string tls_description() const { return {}; }
    [[nodiscard]] virtual boost::asio::any_io_executor executor() const = 0;
};

} // namespace postern::net
