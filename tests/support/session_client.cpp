#include "support/session_client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <chrono>
#include <stdexcept>
#include <utility>

namespace postern::test {

namespace {

// No answer is this slow: only a test that would otherwise hang comes here.
constexpr std::chrono::seconds patience{60};

} // namespace

SessionClient::SessionClient(OfficeFixture& fixture, Serve serve) : fixture_(fixture), serve_(std::move(serve)) {
    auto stream = std::make_unique<net::MemoryStream>(fixture.io.get_executor());
    stream_ = stream.get();
    connection_ = std::make_unique<net::Connection>(
        std::move(stream), net::Endpoints{"192.168.1.20", 40000, "192.168.1.1", 143}, fixture.stop);
    boost::asio::co_spawn(fixture.io, run(), boost::asio::detached);
}

SessionClient::~SessionClient() {
    if (done_) return;
    stream_->feed_end();
    run_until([this] { return done_; });
}

boost::asio::awaitable<void> SessionClient::run() {
    try {
        co_await serve_(*connection_, fixture_.office);
    } catch (std::exception const& error) {
        said_ += std::string("THE SESSION BROKE: ") + error.what();
    }
    co_await connection_->close();
    done_ = true;
}

void SessionClient::run_until(std::function<bool()> const& condition) {
    auto const end = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) throw std::runtime_error("the session does not answer: " + said_);
        fixture_.io.restart();
        fixture_.io.run_one_for(std::chrono::milliseconds(50));
    }
}

std::string SessionClient::read_until(std::string_view end) {
    run_until([&] {
        said_ += stream_->take_output();
        return done_ || said_.contains(end);
    });
    said_ += stream_->take_output();
    auto const at = said_.find(end);
    std::string const result = said_.substr(0, at == std::string::npos ? at : at + end.size());
    said_.erase(0, result.size());
    return result;
}

std::string SessionClient::read_to_end() {
    run_until([&] {
        said_ += stream_->take_output();
        return done_;
    });
    said_ += stream_->take_output();
    return std::exchange(said_, {});
}

std::string SessionClient::take() {
    fixture_.io.restart();
    fixture_.io.poll();
    return std::exchange(said_, {}) + stream_->take_output();
}

} // namespace postern::test
