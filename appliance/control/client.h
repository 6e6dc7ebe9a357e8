// The other end of the control socket, for `postern`. Blocks.
#pragma once

#include "control/command.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/system/error_code.hpp>

#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace postern::control {

class Client {
public:
    // The error: why not; mostly that no daemon answers there.
    static std::expected<std::unique_ptr<Client>, boost::system::error_code> connect(std::filesystem::path const& path);

    // The daemon's answer; one that goes away in between is a refusal that says so.
    Answer ask(Command const& command, json::object const& arguments);

    // The same of a command that sends octets first: some of them, or nothing once there is a reply.
    void begin(Command const& command, json::object const& arguments);
    [[nodiscard]] std::optional<std::string> next_octets();
    // Of one that takes octets, before next_octets(): false once the daemon takes no more, and the reply says why.
    bool send_octets(std::string_view octets);
    [[nodiscard]] Answer const& reply() const { return reply_; }

private:
    Client() : socket_(context_) {}
    boost::asio::io_context context_;
    boost::asio::local::stream_protocol::socket socket_;
    std::string read_; // and not used yet
    Answer reply_;
};

} // namespace postern::control
