#include "net/connection.h"
#include "net/interface.h"
#include "net/memory_stream.h"
#include "net/metered_dialer.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <CppUTest/TestHarness.h>

#include <array>

using namespace postern::net;
namespace asio = boost::asio;

namespace {

class OneStream final : public Dialer {
public:
    explicit OneStream(asio::io_context& io) : io_(io) {}
    asio::awaitable<std::expected<Dialed, std::string>> dial(std::string host, std::uint16_t,
                                                             std::chrono::seconds) override {
        if (host != "there") co_return std::unexpected("not there");
        auto stream = std::make_unique<MemoryStream>(io_.get_executor());
        stream->feed("hello");
        co_return Dialed{std::move(stream), {"192.0.2.1", 25, "192.168.1.2", 1000}};
    }

private:
    asio::io_context& io_;
};

} // namespace

TEST_GROUP(MeteredDialer){};

TEST(MeteredDialer, tells_what_came_and_went) {
    asio::io_context io;
    OneStream lower(io);
    std::size_t counted = 0;
    MeteredDialer dialer(lower, [&](std::string const& local_address, std::size_t octets) {
        STRCMP_EQUAL("192.168.1.2", local_address.c_str());
        counted += octets;
    });
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            CHECK(!(co_await dialer.dial("elsewhere", 25, {})).has_value());
            auto dialed = co_await dialer.dial("there", 25, {});
            std::array<char, 3> octets;
            (void)co_await dialed->stream->read_some(octets);
            UNSIGNED_LONGS_EQUAL(3, counted);
            (void)co_await dialed->stream->write_all("QUIT\r\n");
        },
        [](std::exception_ptr fault) {
            if (fault) std::rethrow_exception(fault);
        });
    io.run();
    UNSIGNED_LONGS_EQUAL(9, counted);
}

TEST(MeteredDialer, the_system_knows_the_interface_of_an_address) {
    STRCMP_EQUAL("lo", interface_of("127.0.0.1").c_str());
    STRCMP_EQUAL("", interface_of("203.0.113.77").c_str());
    STRCMP_EQUAL("", interface_of("").c_str());
}
