// Tells when something in a directory became another: a file that was written, came or went (inotify(7)).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <expected>
#include <filesystem>
#include <memory>
#include <string>

namespace postern::net {

// One executor.
class DirectoryWatch {
public:
    static std::expected<std::unique_ptr<DirectoryWatch>, std::string> open(boost::asio::any_io_executor executor,
                                                                            std::filesystem::path const& directory);

    // Returns after the next change; several at once are one. Asio's cancellation ends it.
    boost::asio::awaitable<void> changed();

private:
    explicit DirectoryWatch(boost::asio::posix::stream_descriptor descriptor) : descriptor_(std::move(descriptor)) {}

    boost::asio::posix::stream_descriptor descriptor_;
};

} // namespace postern::net
