// The name server at one UDP socket: queries come in batches and their answers leave in batches, so that the system is
// called twice for dozens of them (recvmmsg(2), sendmmsg(2)). One executor.
#pragma once

#include "dns/responder.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

namespace postern::dns {

class UdpEndpoint {
public:
    // Errors are sentences that name the address. "::" takes IPv4 too. The responder outlives the executor's context.
    static std::expected<std::unique_ptr<UdpEndpoint>, std::string>
    bind(asio::any_io_executor const& executor, std::string const& address, std::uint16_t port, Responder& responder);
    // Takes a socket over.
    static std::expected<std::unique_ptr<UdpEndpoint>, std::string> adopt(asio::any_io_executor const& executor,
                                                                          int descriptor, Responder& responder);
    ~UdpEndpoint(); // and no more is answered

    void start();
    [[nodiscard]] std::uint16_t port() const;

private:
    struct State;
    explicit UdpEndpoint(std::shared_ptr<State> state) : state_(std::move(state)) {}
    static asio::awaitable<void> serve(std::shared_ptr<State> state);

    std::shared_ptr<State> state_; // shared with what waits for somebody outside
};

} // namespace postern::dns
