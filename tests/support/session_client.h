// A client of one session, played by a test: what it feeds, and what the session says, over a memory stream.
#pragma once

#include "net/connection.h"
#include "net/memory_stream.h"
#include "net/tls.h"
#include "net/tls_stream.h"
#include "support/office_fixture.h"

#include <functional>
#include <memory>
#include <optional>
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

    void feed(std::string_view octets);
    // What the session says up to and including `end`, or all that it says if it is over before. A test that waits here
    // in vain for very long fails.
    [[nodiscard]] std::string read_until(std::string_view end);
    // All that it says until it closes.
    [[nodiscard]] std::string read_to_end();
    // The client's half of STARTTLS, once the server said yes; all that follows passes through TLS. False if the
    // handshake failed.
    [[nodiscard]] bool start_tls(net::TlsClient const& client);
    [[nodiscard]] net::MemoryStream& stream() { return *stream_; }

private:
    boost::asio::awaitable<void> run();
    boost::asio::awaitable<void> shake_hands_and_read(std::optional<bool>& established);
    boost::asio::awaitable<void> write(std::string octets);
    void carry();
    void run_until(std::function<bool()> const& condition);

    OfficeFixture& fixture_;
    Serve serve_;
    net::MemoryStream* stream_;
    std::unique_ptr<net::Connection> connection_;
    std::string said_;
    bool done_ = false;

    // With TLS: the client's end, and the stream beneath it.
    std::unique_ptr<net::TlsStream> tls_;
    net::MemoryStream* wire_ = nullptr;
    bool reading_ = false;
};

} // namespace postern::test
