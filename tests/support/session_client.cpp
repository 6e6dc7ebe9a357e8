#include "support/session_client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <array>
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
    connection_ =
        std::make_unique<net::Connection>(std::move(stream), net::Endpoints{"192.168.1.20", 40000, "192.168.1.1", 143},
                                          fixture.stop, net::MemoryShare(fixture.memory, "192.168.1.20"));
    boost::asio::co_spawn(fixture.io, run(), boost::asio::detached);
}

SessionClient::~SessionClient() {
    stream_->feed_end();
    if (wire_ != nullptr) wire_->feed_end();
    run_until([this] { return done_ && !reading_; });
}

void SessionClient::feed(std::string_view octets) {
    if (tls_)
        boost::asio::co_spawn(fixture_.io, write(std::string(octets)), boost::asio::detached);
    else
        stream_->feed(octets);
}

bool SessionClient::start_tls(net::TlsClient const& client) {
    auto wire = std::make_unique<net::MemoryStream>(fixture_.io.get_executor());
    wire_ = wire.get();
    tls_ = client.wrap(std::move(wire), "mail.office.lan");
    std::optional<bool> established;
    reading_ = true;
    boost::asio::co_spawn(fixture_.io, shake_hands_and_read(established), boost::asio::detached);
    run_until([&] { return established.has_value(); });
    return *established;
}

boost::asio::awaitable<void> SessionClient::shake_hands_and_read(std::optional<bool>& established) {
    auto const failure = co_await tls_->handshake();
    established = !failure;
    std::array<char, 1000> some;
    while (!failure) {
        auto const octets = co_await tls_->read_some(some);
        if (!octets || *octets == 0) break;
        said_.append(some.data(), *octets);
    }
    reading_ = false;
}

boost::asio::awaitable<void> SessionClient::write(std::string octets) { (void)co_await tls_->write_all(octets); }

boost::asio::awaitable<void> SessionClient::run() {
    try {
        co_await serve_(*connection_, fixture_.office);
    } catch (std::exception const& error) {
        said_ += std::string("THE SESSION BROKE: ") + error.what();
    }
    co_await connection_->close();
    done_ = true;
}

// Takes what the server wrote to the client, and with TLS what the client wrote to the server.
void SessionClient::carry() {
    auto const octets = stream_->take_output();
    if (!tls_) {
        said_ += octets;
        return;
    }
    if (!octets.empty()) wire_->feed(octets);
    if (auto const ours = wire_->take_output(); !ours.empty()) stream_->feed(ours);
}

void SessionClient::run_until(std::function<bool()> const& condition) {
    auto const end = std::chrono::steady_clock::now() + patience;
    while (carry(), !condition()) {
        if (std::chrono::steady_clock::now() > end) throw std::runtime_error("the session does not answer: " + said_);
        fixture_.io.restart();
        fixture_.io.run_one_for(std::chrono::milliseconds(50));
    }
}

std::string SessionClient::read_until(std::string_view end) {
    run_until([&] { return done_ || said_.contains(end); });
    auto const at = said_.find(end);
    std::string const result = said_.substr(0, at == std::string::npos ? at : at + end.size());
    said_.erase(0, result.size());
    return result;
}

std::string SessionClient::read_to_end() {
    run_until([&] { return done_ && !reading_; });
    return std::exchange(said_, {});
}

} // namespace postern::test
