#include "control/client.h"

#include "control/request.h"
#include "control/socket_path.h"
#include "core/secret.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace postern::control {

std::expected<std::unique_ptr<Client>, boost::system::error_code> Client::connect(std::filesystem::path const& path) {
    std::unique_ptr<Client> client(new Client);
    SocketPath const address(path);
    boost::system::error_code error;
    client->socket_.connect(address.endpoint(), error);
    if (error) return std::unexpected(error);
    return client;
}

namespace {

constexpr std::string_view went_away =
    "the daemon went away before it answered; whether it did what was asked is not known";

} // namespace

Answer Client::ask(Command const& command, json::object const& arguments) {
    begin(command, arguments);
    while (next_octets()) {
    }
    return std::move(reply_);
}

void Client::begin(Command const& command, json::object const& arguments) {
    std::string request = write_request(command, arguments);
    boost::system::error_code error; // shows when the answer is read
    boost::asio::write(socket_, boost::asio::buffer(request), error);
    core::wipe(request);
}

bool Client::send_octets(std::string_view octets) {
    boost::system::error_code error;
    std::string const line = announce_octets(octets.size());
    boost::asio::write(socket_, std::array{boost::asio::buffer(line), boost::asio::buffer(octets)}, error);
    return !error;
}

std::optional<std::string> Client::next_octets() {
    boost::system::error_code error;
    auto const size = boost::asio::read_until(socket_, boost::asio::dynamic_buffer(read_), '\n', error);
    std::string const line = read_.substr(0, error ? 0 : size);
    read_.erase(0, line.size());
    auto const count = error ? std::nullopt : announced_octets(line);
    if (!count) {
        reply_ = error ? refused(std::string(went_away)) : parse_reply(line);
        return std::nullopt;
    }
    std::string octets = read_.substr(0, *count);
    read_.erase(0, octets.size());
    auto const there = octets.size();
    octets.resize(*count);
    boost::asio::read(socket_, boost::asio::buffer(octets.data() + there, *count - there), error);
    if (!error) return octets;
    reply_ = refused(std::string(went_away));
    return std::nullopt;
}

} // namespace postern::control
