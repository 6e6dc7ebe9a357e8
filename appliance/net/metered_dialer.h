// A dialer whose connections tell how many octets went over them, those of TLS included, for links whose octets cost
// something.
#pragma once

#include "net/dialer.h"

#include <cstddef>
#include <functional>
#include <string>

namespace postern::net {

class MeteredDialer final : public Dialer {
public:
    // Is told of octets that came or went by the interface that has our address of the connection.
    using Count = std::function<void(std::string const& local_address, std::size_t octets)>;

    // `dialer` outlives it; it outlives the connections that were dialled.
    MeteredDialer(Dialer& dialer, Count count) : dialer_(dialer), count_(std::move(count)) {}

    boost::asio::awaitable<std::expected<Dialed, std::string>> dial(std::string host, std::uint16_t port,
                                                                    std::chrono::seconds patience) override;

private:
    Dialer& dialer_;
    Count count_;
};

} // namespace postern::net
