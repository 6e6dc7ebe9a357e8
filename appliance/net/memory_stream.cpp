#include "net/memory_stream.h"

#include <algorithm>
#include <utility>

namespace postern::net {

namespace asio = boost::asio;

MemoryStream::MemoryStream(asio::any_io_executor executor) : executor_(executor), changed_(executor) {}

void MemoryStream::feed(std::string_view octets) {
    input_ += octets;
    changed();
}

void MemoryStream::feed_end() {
    ended_ = true;
    changed();
}

void MemoryStream::fail(std::error_code error) {
    failure_ = error;
    changed();
}

std::string MemoryStream::take_output() {
    if (output_.empty()) return {}; // and nobody has a reason to look again
    changed();
    return std::exchange(output_, {});
}

asio::awaitable<std::expected<std::size_t, std::error_code>> MemoryStream::read_some(std::span<char> into) {
    std::error_code const error = co_await wait_readable();
    if (error) co_return std::unexpected(error);
    std::size_t const octets = std::min({into.size(), input_.size(), read_size_});
    std::ranges::copy(std::string_view(input_).substr(0, octets), into.begin());
    input_.erase(0, octets);
    co_return octets;
}

asio::awaitable<std::error_code> MemoryStream::wait_readable() {
    unsigned const begun = cancellations_;
    while (!failure_ && input_.empty() && !ended_) {
        if (cancellations_ != begun) co_return std::make_error_code(std::errc::operation_canceled);
        co_await changed_.wait();
    }
    co_return failure_;
}

asio::awaitable<std::error_code> MemoryStream::write_all(std::string_view octets) {
    unsigned const begun = cancellations_;
    while (!failure_ && !octets.empty()) {
        if (cancellations_ != begun) co_return std::make_error_code(std::errc::operation_canceled);
        std::size_t const room = output_capacity_ - std::min(output_capacity_, output_.size());
        output_ += octets.substr(0, room);
        octets.remove_prefix(std::min(room, octets.size()));
        if (!octets.empty()) co_await changed_.wait();
    }
    co_return failure_;
}

void MemoryStream::cancel() {
    ++cancellations_;
    changed();
}

asio::awaitable<void> MemoryStream::close() {
    closed_ = true;
    co_return;
}

void MemoryStream::changed() {
    changed_.raise();
    changed_.clear();
}

} // namespace postern::net
