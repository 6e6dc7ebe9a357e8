#include "net/metered_dialer.h"

#include <utility>

namespace postern::net {

namespace asio = boost::asio;

namespace {

class MeteredStream final : public Stream {
public:
    MeteredStream(std::unique_ptr<Stream> lower, MeteredDialer::Count const& count, std::string local_address)
        : lower_(std::move(lower)), count_(count), local_address_(std::move(local_address)) {}

    asio::awaitable<std::expected<std::size_t, std::error_code>> read_some(std::span<char> into) override {
        auto read = co_await lower_->read_some(into);
        if (read) count_(local_address_, *read);
        co_return read;
    }
    asio::awaitable<std::error_code> write_all(std::string_view octets) override {
        auto const size = octets.size();
        auto const error = co_await lower_->write_all(octets);
        count_(local_address_, size); // or less, if it was cut
        co_return error;
    }
    asio::awaitable<std::error_code> wait_readable() override { return lower_->wait_readable(); }
    void cancel() override { lower_->cancel(); }
    asio::awaitable<void> close() override { return lower_->close(); }
    void probe() override { lower_->probe(); }
    [[nodiscard]] asio::any_io_executor executor() const override { return lower_->executor(); }

private:
    std::unique_ptr<Stream> lower_;
    MeteredDialer::Count const& count_;
    std::string const local_address_;
};

} // namespace

asio::awaitable<std::expected<Dialed, std::string>> MeteredDialer::dial(std::string host, std::uint16_t port,
                                                                        std::chrono::seconds patience) {
    auto dialed = co_await dialer_.dial(std::move(host), port, patience);
    if (dialed)
        dialed->stream =
            std::make_unique<MeteredStream>(std::move(dialed->stream), count_, dialed->endpoints.local_address);
    co_return dialed;
}

} // namespace postern::net
