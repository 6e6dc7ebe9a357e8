// The end of a connection in memory that a dialler gives away; the test's own is the stream itself, which outlives it.
#pragma once

#include "net/memory_stream.h"
#include "net/stream.h"

#include <memory>
#include <utility>

namespace postern::test {

class MemoryEnd final : public net::Stream {
public:
    explicit MemoryEnd(std::shared_ptr<net::MemoryStream> stream) : stream_(std::move(stream)) {}
    ~MemoryEnd() override { stream_->cancel(); }

    boost::asio::awaitable<std::expected<std::size_t, std::error_code>> read_some(std::span<char> into) override {
        return stream_->read_some(into);
    }
    boost::asio::awaitable<std::error_code> wait_readable() override { return stream_->wait_readable(); }
    boost::asio::awaitable<std::error_code> write_all(std::string_view octets) override {
        return stream_->write_all(octets);
    }
    void cancel() override { stream_->cancel(); }
    boost::asio::awaitable<void> close() override { return stream_->close(); }
    [[nodiscard]] boost::asio::any_io_executor executor() const override { return stream_->executor(); }

private:
    std::shared_ptr<net::MemoryStream> stream_;
};

} // namespace postern::test
