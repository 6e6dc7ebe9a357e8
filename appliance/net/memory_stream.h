// A Stream whose peer is the program itself: for tests and fuzz targets, which run their io_context by hand.
#pragma once

#include "net/event.h"
#include "net/stream.h"

#include <limits>

namespace postern::net {

class MemoryStream final : public Stream {
public:
    explicit MemoryStream(boost::asio::any_io_executor executor);

    // The peer's side; one may feed before the reader waits as well as after.
    void feed(std::string_view octets);
    void feed_end();                         // the peer closes its side
    void fail(std::error_code error);        // the peer resets: reads and writes fail from now on
    [[nodiscard]] std::string take_output(); // what was written since; makes room again
    [[nodiscard]] bool closed() const { return closed_; }
    // At most so many octets wait to be taken: a write beyond that waits, as for a peer that reads slowly.
    void set_output_capacity(std::size_t octets) { output_capacity_ = octets; }
    // read_some returns at most so many octets at a time.
    void set_read_size(std::size_t octets) { read_size_ = octets; }

    boost::asio::awaitable<std::expected<std::size_t, std::error_code>> read_some(std::span<char> into) override;
    boost::asio::awaitable<std::error_code> wait_readable() override;
    boost::asio::awaitable<std::error_code> write_all(std::string_view octets) override;
    void cancel() override;
    boost::asio::awaitable<void> close() override;
    [[nodiscard]] boost::asio::any_io_executor executor() const override { return executor_; }

private:
    void changed();

    boost::asio::any_io_executor executor_;
    Event changed_; // something below did: whoever waits looks again
    std::string input_;
    std::string output_;
    std::size_t output_capacity_ = std::numeric_limits<std::size_t>::max();
    std::size_t read_size_ = std::numeric_limits<std::size_t>::max();
    std::error_code failure_;
    unsigned cancellations_ = 0;
    bool ended_ = false;
    bool closed_ = false;
};

} // namespace postern::net
