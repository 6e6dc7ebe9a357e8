// Opens connections to hosts elsewhere. An interface, so that tests can play the internet.
#pragma once

#include "net/address.h"
#include "net/stream.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace postern::net {

class Resolver;

struct Dialed {
    std::unique_ptr<Stream> stream;
    Endpoints endpoints;
};

// One executor. Asio's cancellation ends a dial().
class Dialer {
public:
    virtual ~Dialer() = default;

    // `host`: a name or an address. The error is a sentence for an administrator, and names what did not work.
    virtual boost::asio::awaitable<std::expected<Dialed, std::string>> dial(std::string host, std::uint16_t port,
                                                                            std::chrono::seconds patience) = 0;
};

// By TCP. Of several addresses it tries the next one before the first gave up (RFC 8305).
// Remembers where a host was found last, and goes there when names cannot be looked up, or not soon.
class SystemDialer final : public Dialer {
public:
    static constexpr std::size_t most_remembered = 256; // hosts

    // The resolver outlives it.
    SystemDialer(boost::asio::any_io_executor executor, Resolver& resolver)
        : executor_(std::move(executor)), resolver_(resolver) {}

    boost::asio::awaitable<std::expected<Dialed, std::string>> dial(std::string host, std::uint16_t port,
                                                                    std::chrono::seconds patience) override;

private:
    using Endpoint = boost::asio::ip::tcp::endpoint;

    boost::asio::awaitable<std::expected<std::vector<Endpoint>, std::string>>
    look_up(std::string const& host, std::uint16_t port, std::chrono::seconds patience);

    boost::asio::any_io_executor executor_;
    Resolver& resolver_;
    std::map<std::string, boost::asio::ip::address> last_good_; // by host
};

} // namespace postern::net
