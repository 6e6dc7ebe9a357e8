#include "control/client.h"

#include "control/request.h"
#include "control/socket_path.h"
#include "core/secret.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

namespace postern::control {

std::expected<std::unique_ptr<Client>, boost::system::error_code> Client::connect(std::filesystem::path const& path) {
    std::unique_ptr<Client> client(new Client);
    SocketPath const address(path);
    boost::system::error_code error;
    client->socket_.connect(address.endpoint(), error);
    if (error) return std::unexpected(error);
    return client;
}

Answer Client::ask(Command const& command, json::object const& arguments) {
    std::string request = write_request(command, arguments);
    boost::system::error_code error;
    boost::asio::write(socket_, boost::asio::buffer(request), error);
    core::wipe(request);
    std::string reply;
    if (!error) boost::asio::read_until(socket_, boost::asio::dynamic_buffer(reply), '\n', error);
    if (error) return refused("the daemon went away before it answered; whether it did what was asked is not known");
    return parse_reply(reply);
}

} // namespace postern::control
