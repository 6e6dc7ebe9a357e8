#include "control/socket_path.h"

#include <fcntl.h>
#include <unistd.h>

#include <format>

namespace postern::control {

SocketPath::SocketPath(std::filesystem::path const& path)
    : name_(path.filename()), directory_(::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}

SocketPath::~SocketPath() {
    if (directory_ >= 0) ::close(directory_);
}

boost::asio::local::stream_protocol::endpoint SocketPath::endpoint() const {
    return {std::format("/proc/self/fd/{}/{}", directory_, name_.native())};
}

} // namespace postern::control
