#include "net/deflate_stream.h"

#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace postern::net {

namespace asio = boost::asio;

DeflateStream::DeflateStream(std::unique_ptr<Stream> lower, std::string received)
    : lower_(std::move(lower)), received_(std::move(received)) {}

std::size_t DeflateStream::held_octets() const {
    return inflater_.held_octets() + received_.capacity() + output_octets + Deflater::history_octets;
}

// What was received is used up: nothing need be held for it while more is waited for.
void DeflateStream::let_go() {
    received_ = {};
    taken_ = 0;
    inflater_.rest();
}

// More of the compressed octets, once all that were there are used up.
asio::awaitable<std::error_code> DeflateStream::receive() {
    let_go();
    if (std::error_code const error = co_await lower_->wait_readable()) co_return error;
    std::string octets(input_octets, '\0');
    auto const size = co_await lower_->read_some(octets);
    if (!size) co_return size.error();
    lower_ended_ = *size == 0;
    received_.assign(octets, 0, *size);
    co_return std::error_code{};
}

asio::awaitable<std::error_code> DeflateStream::wait_readable() {
    unsigned const begun = cancellations_;
    // What arrived a while ago may become very much.
    if (has_first_ || taken_ < received_.size()) co_await asio::post(lower_->executor(), asio::deferred);
    while (!has_first_) {
        auto const step = inflater_.inflate(std::string_view(received_).substr(taken_), std::span(&first_, 1));
        if (!step) co_return step.error();
        taken_ += step->taken;
        has_first_ = step->made > 0;
        if (has_first_ || inflater_.ended() || lower_ended_) break;
        if (cancellations_ != begun) co_return std::make_error_code(std::errc::operation_canceled);
        if (taken_ == received_.size())
            if (std::error_code const error = co_await receive()) co_return error;
    }
    co_return std::error_code{};
}

asio::awaitable<std::expected<std::size_t, std::error_code>> DeflateStream::read_some(std::span<char> into) {
    if (!has_first_)
        if (std::error_code const error = co_await wait_readable()) co_return std::unexpected(error);
    if (!std::exchange(has_first_, false)) co_return 0;
    into[0] = first_;
    auto const step = inflater_.inflate(std::string_view(received_).substr(taken_), into.subspan(1));
    // What is wrong is told once what came before it was read.
    if (!step) co_return 1;
    taken_ += step->taken;
    if (taken_ == received_.size()) let_go();
    co_return 1 + step->made;
}

asio::awaitable<std::error_code> DeflateStream::write_all(std::string_view octets) {
    unsigned const begun = cancellations_;
    while (!octets.empty()) {
        // Compressed and sent a piece at a time, so that a peer that reads slowly holds no more.
        std::string const piece = deflater_.deflate(octets.substr(0, output_octets));
        octets.remove_prefix(std::min(output_octets, octets.size()));
        if (std::error_code const error = co_await lower_->write_all(piece)) co_return error;
        if (cancellations_ != begun && !octets.empty()) co_return std::make_error_code(std::errc::operation_canceled);
    }
    co_return std::error_code{};
}

void DeflateStream::cancel() {
    ++cancellations_;
    lower_->cancel();
}

} // namespace postern::net
