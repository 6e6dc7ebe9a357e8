#include "net/directory_watch.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <format>

namespace postern::net {

namespace asio = boost::asio;

std::expected<std::unique_ptr<DirectoryWatch>, std::string>
DirectoryWatch::open(asio::any_io_executor executor, std::filesystem::path const& directory) {
    int const descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    constexpr unsigned changes = IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE;
    if (descriptor < 0 || ::inotify_add_watch(descriptor, directory.c_str(), changes) < 0) {
        std::string const reason = std::format("{} cannot be watched: {}", directory.string(), std::strerror(errno));
        if (descriptor >= 0) ::close(descriptor);
        return std::unexpected(reason);
    }
    return std::unique_ptr<DirectoryWatch>(
        new DirectoryWatch(asio::posix::stream_descriptor(std::move(executor), descriptor)));
}

asio::awaitable<void> DirectoryWatch::changed() {
    (void)co_await descriptor_.async_wait(asio::posix::stream_descriptor::wait_read, asio::as_tuple(asio::deferred));
    std::array<char, 4096> nowhere; // what it says does not matter
    while (::read(descriptor_.native_handle(), nowhere.data(), nowhere.size()) > 0) {
    }
}

} // namespace postern::net
