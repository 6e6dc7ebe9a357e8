#include "control/server.h"

#include "control/socket_path.h"
#include "core/log.h"
#include "core/secret.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <format>

namespace postern::control {

namespace {

using Socket = asio::local::stream_protocol::socket;
using asio::experimental::awaitable_operators::operator||;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::minutes idle_limit{5};  // between two requests; a command itself may take as long as it needs
constexpr std::chrono::minutes stall_limit{5}; // for octets to be taken

// SO_PEERCRED (unix(7)): for the audit log. Who may connect at all, the socket's mode decides.
std::string caller_of(Socket& socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return "unknown";
    return std::format("uid {}", peer.uid);
}

asio::awaitable<void> pause(std::chrono::steady_clock::duration time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(as_result);
}

} // namespace

struct Server::State {
    State(asio::any_io_executor executor, std::filesystem::path socket_path, Act asked, net::Event& raised)
        : path(std::move(socket_path)), acceptor(executor), act_on(std::move(asked)), stop(raised) {}

    std::filesystem::path path;
    asio::local::stream_protocol::acceptor acceptor;
    Act act_on;
    net::Event& stop;
    std::size_t connections = 0;

    asio::awaitable<bool> send(Socket& socket, std::string const& octets) {
        std::string const line = announce_octets(octets.size());
        std::array<asio::const_buffer, 2> const both{asio::buffer(line), asio::buffer(octets)};
        auto const sent = co_await (asio::async_write(socket, both, as_result) || stop.wait() || pause(stall_limit));
        co_return sent.index() == 0 && !std::get<0>(std::get<0>(sent));
    }

    asio::awaitable<std::optional<std::string>> receive(Socket& socket, std::string& input) {
        auto const line =
            co_await (asio::async_read_until(socket, asio::dynamic_buffer(input, request_limit), '\n', as_result) ||
                      stop.wait() || pause(stall_limit));
        if (line.index() != 0 || std::get<0>(std::get<0>(line))) co_return std::nullopt;
        auto const size = std::get<1>(std::get<0>(line));
        auto const count = announced_octets(std::string_view(input).substr(0, size));
        input.erase(0, size);
        if (!count || *count > request_limit) co_return std::nullopt;
        std::string octets = input.substr(0, *count);
        input.erase(0, octets.size());
        auto const there = octets.size();
        octets.resize(*count);
        auto const rest = asio::buffer(octets.data() + there, octets.size() - there);
        auto const read = co_await (asio::async_read(socket, rest, as_result) || stop.wait() || pause(stall_limit));
        if (read.index() != 0 || std::get<0>(std::get<0>(read))) co_return std::nullopt;
        co_return octets;
    }

    asio::awaitable<Answer> act(Socket& socket, std::string& input, std::string_view line, std::string caller) {
        auto request = parse_request(line);
        if (!request) co_return refused(std::move(request.error()));
        co_return co_await act_on(
            std::move(*request), std::move(caller),
            [this, &socket](std::string const& octets) { return send(socket, octets); },
            [this, &socket, &input] { return receive(socket, input); });
    }

    asio::awaitable<void> converse(Socket& socket) {
        std::string const caller = caller_of(socket);
        std::string input;
        while (!stop.raised()) {
            auto const outcome =
                co_await (asio::async_read_until(socket, asio::dynamic_buffer(input, request_limit), '\n', as_result) ||
                          stop.wait() || pause(idle_limit));
            if (outcome.index() != 0) co_return;
            auto const [error, size] = std::get<0>(outcome);
            if (error && error != asio::error::not_found) co_return;
            std::string line = input.substr(0, error ? 0 : size);
            explicit_bzero(input.data(), line.size()); // it may hold a password
            input.erase(0, line.size());
            Answer answer =
                error ? Answer(refused("the request is too long")) : co_await act(socket, input, line, caller);
            core::wipe(line);
            std::string reply = write_reply(answer);
            co_await asio::async_write(socket, asio::buffer(reply), as_result);
            explicit_bzero(reply.data(), reply.size()); // or a key
            if (answer && answer->is_string()) explicit_bzero(answer->get_string().data(), answer->get_string().size());
            if (error) co_return;
        }
    }

    static asio::awaitable<void> serve(std::shared_ptr<State> state, Socket socket) {
        ++state->connections;
        try {
            co_await state->converse(socket);
        } catch (std::exception const& fault) {
            core::log(core::Event::session_broken, {{"service", "control"}, {"what", fault.what()}});
        }
        --state->connections;
    }

    static asio::awaitable<void> accept(std::shared_ptr<State> state) {
        while (!state->stop.raised()) {
            auto accepted = co_await (state->acceptor.async_accept(as_result) || state->stop.wait());
            if (accepted.index() != 0) co_return;
            auto& [error, socket] = std::get<0>(accepted);
            if (error) {
                core::log(core::Event::listener_failed, {{"service", "control"}, {"reason", error.message()}});
                co_await pause(std::chrono::milliseconds{200});
            } else if (state->connections < most_connections) {
                asio::co_spawn(state->acceptor.get_executor(), serve(state, std::move(socket)), asio::detached);
            } else {
                std::string const reply = write_reply(refused("too many administrators are connected; try again"));
                boost::system::error_code ignored;
                socket.non_blocking(true, ignored);
                socket.write_some(asio::buffer(reply), ignored);
            }
        }
    }
};

Act actions_of(Daemon& daemon) {
    return [&daemon](Request request, std::string caller, Send send, Receive receive) {
        return request.command->action(
            {daemon, std::move(request.arguments), std::move(caller), std::move(send), std::move(receive)});
    };
}

std::expected<std::unique_ptr<Server>, std::string>
Server::listen(asio::any_io_executor executor, std::filesystem::path const& path, Act act, net::Event& stop) {
    auto state = std::make_shared<State>(executor, path, std::move(act), stop);
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    SocketPath const address(path);
    boost::system::error_code error;
    state->acceptor.open({}, error);
    if (!error) state->acceptor.bind(address.endpoint(), error);
    // The daemon's umask made it for the owner alone; now the group may.
    if (!error && ::chmod(path.c_str(), S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP) != 0)
        error = {errno, boost::system::system_category()};
    if (!error) state->acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return std::unexpected(std::format("cannot listen at {}: {}", path.native(), error.message()));
    asio::co_spawn(executor, State::accept(state), asio::detached);
    return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::~Server() {
    std::error_code ignored;
    std::filesystem::remove(state_->path, ignored);
}

std::size_t Server::connections() const { return state_->connections; }

} // namespace postern::control
