// The address of a Unix socket at a path of any length: sun_path takes 107 octets, a data directory may be deeper.
#pragma once

#include <boost/asio/local/stream_protocol.hpp>

#include <filesystem>

namespace postern::control {

// Valid while it lives.
class SocketPath {
public:
    explicit SocketPath(std::filesystem::path const& path);
    ~SocketPath();
    SocketPath(SocketPath const&) = delete;
    SocketPath& operator=(SocketPath const&) = delete;

    [[nodiscard]] boost::asio::local::stream_protocol::endpoint endpoint() const;

private:
    std::filesystem::path name_;
    int directory_; // the one that holds it, reached through /proc
};

} // namespace postern::control
