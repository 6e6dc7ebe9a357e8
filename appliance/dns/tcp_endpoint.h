// The name server at one TCP port (RFC 7766, RFC 7828): a client may send one query after the other without waiting,
// and each is answered when its answer is there. Connections, what they may leave unread and how long they may be
// silent are bounded. One executor.
#pragma once

#include "dns/responder.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

namespace postern::dns {

class TcpEndpoint {
public:
    // As those of UdpEndpoint.
    static std::expected<std::unique_ptr<TcpEndpoint>, std::string>
    bind(asio::any_io_executor const& executor, std::string const& address, std::uint16_t port, Responder& responder);
    static std::expected<std::unique_ptr<TcpEndpoint>, std::string> adopt(asio::any_io_executor const& executor,
                                                                          int descriptor, Responder& responder);
    ~TcpEndpoint();

    void start();
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::size_t connections() const; // any thread

private:
    struct State;
    struct Session;
    explicit TcpEndpoint(std::shared_ptr<State> state) : state_(std::move(state)) {}
    static asio::awaitable<void> accept(std::shared_ptr<State> state);

    std::shared_ptr<State> state_; // shared with its sessions
};

} // namespace postern::dns
