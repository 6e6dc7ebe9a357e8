// The control socket: a Unix socket that only root and the daemon's group can open (mode 0660), where `postern` asks.
// The protocol is request.h's; requests of one connection are answered in order.
#pragma once

#include "control/request.h"
#include "net/event.h"

#include <boost/asio/any_io_executor.hpp>

#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace postern::control {

namespace asio = boost::asio;

// What is done about a request (Call). `send` and `receive` are good as long as that lasts.
using Act = std::function<asio::awaitable<Answer>(Request request, std::string caller, Send send, Receive receive)>;

// What the command table says; the daemon outlives it.
[[nodiscard]] Act actions_of(Daemon& daemon);

// The network thread.
class Server {
public:
    static constexpr std::size_t most_connections = 16;

    // Takes the place of a socket that an earlier run left; the caller knows that no daemon serves there (it holds the
    // store). `stop` outlives every session, which it ends once it has answered.
    static std::expected<std::unique_ptr<Server>, std::string>
    listen(asio::any_io_executor executor, std::filesystem::path const& path, Act act, net::Event& stop);
    ~Server(); // removes the socket

    [[nodiscard]] std::size_t connections() const;

private:
    struct State;
    explicit Server(std::shared_ptr<State> state) : state_(std::move(state)) {}
    std::shared_ptr<State> state_;
};

} // namespace postern::control
