// The control socket: a Unix socket that only root and the daemon's group can open (mode 0660), where `postern` asks.
// The protocol is request.h's; requests of one connection are answered in order.
#pragma once

#include "control/daemon.h"
#include "net/event.h"

#include <boost/asio/any_io_executor.hpp>

#include <expected>
#include <filesystem>
#include <memory>
#include <string>

namespace postern::control {

namespace asio = boost::asio;

// The network thread.
class Server {
public:
    static constexpr std::size_t most_connections = 16;

    // Takes the place of a socket that an earlier run left; the caller knows that no daemon serves there (it holds the
    // store). `daemon` and `stop` outlive every session, which `stop` ends once it has answered.
    static std::expected<std::unique_ptr<Server>, std::string>
    listen(asio::any_io_executor executor, std::filesystem::path const& path, Daemon& daemon, net::Event& stop);
    ~Server(); // removes the socket

    [[nodiscard]] std::size_t connections() const;

private:
    struct State;
    explicit Server(std::shared_ptr<State> state) : state_(std::move(state)) {}
    std::shared_ptr<State> state_;
};

} // namespace postern::control
