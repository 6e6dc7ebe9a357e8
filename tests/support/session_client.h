// A client of one session, played by a test: what it feeds, and what the session says, over a memory stream.
#pragma once

#include "net/connection.h"
#include "net/memory_stream.h"
#include "support/office_fixture.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace postern::test {

class SessionClient {
public:
    using Serve = std::function<boost::asio::awaitable<void>(net::Connection&, office::Office&)>;

    SessionClient(OfficeFixture& fixture, Serve serve);
    ~SessionClient();
    SessionClient(SessionClient const&) = delete;
    SessionClient& operator=(SessionClient const&) = delete;

    void feed(std::string_view octets) { stream_->feed(octets); }
    void feed_end() { stream_->feed_end(); }
    // What the session says up to and including `end`, or all that it says if it is over before. A test that waits here
    // in vain for very long fails.
    [[nodiscard]] std::string read_until(std::string_view end);
    // All that it says until it closes.
    [[nodiscard]] std::string read_to_end();
    // What was said and not taken yet, without waiting for anything.
    [[nodiscard]] std::string take();
    [[nodiscard]] bool closed() const { return done_; }
    [[nodiscard]] net::MemoryStream& stream() { return *stream_; }

private:
    boost::asio::awaitable<void> run();
    void run_until(std::function<bool()> const& condition);

    OfficeFixture& fixture_;
    Serve serve_;
    net::MemoryStream* stream_;
    std::unique_ptr<net::Connection> connection_;
    std::string said_;
    bool done_ = false;
};

} // namespace postern::test
