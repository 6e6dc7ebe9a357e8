// An SMTP client of a session over a memory stream, in an office of its own; and a look at what came of it.
#pragma once

#include "net/connection.h"
#include "net/memory_stream.h"
#include "net/tls.h"
#include "net/tls_stream.h"
#include "smtp/session.h"
#include "store/accounts.h"
#include "store/aliases.h"
#include "store/bodies.h"
#include "store/check.h"
#include "store/mailboxes.h"
#include "store/messages.h"
#include "store/queue.h"
#include "support/office_fixture.h"
#include "support/stored_mail.h"
#include "text/base64.h"

#include <boost/asio/co_spawn.hpp>

#include <array>
#include <chrono>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace postern::test {

inline void set_alias(OfficeFixture& fixture, std::string address, std::vector<std::string> targets) {
    fixture.store()
        .write_here(
            [&](store::WriteTransaction& transaction) { return store::set_alias(transaction, {address, targets}); })
        .value();
}

class SmtpClient {
public:
    explicit SmtpClient(OfficeFixture& fixture, smtp::Role role = smtp::Role::exchange,
                        std::string peer_address = "192.168.1.20")
        : fixture_(fixture) {
        auto stream = std::make_unique<net::MemoryStream>(fixture.io.get_executor());
        stream_ = stream.get();
        connection_ = std::make_unique<net::Connection>(
            std::move(stream), net::Endpoints{std::move(peer_address), 40000, "192.168.1.1", 25}, fixture.stop,
            net::MemoryShare(fixture.memory, "192.168.1.20"));
        fixture.io.restart(); // it stops whenever it has nothing left to do
        boost::asio::co_spawn(fixture.io, run(role), rethrow);
    }
    // The session ends with its client.
    ~SmtpClient() {
        stream_->feed_end();
        if (tls_) wire_->feed_end();
        run_until([this] { return done_ && !reading_; });
    }

    void send(std::string_view octets) {
        if (tls_)
            boost::asio::co_spawn(fixture_.io, write(std::string(octets)), rethrow);
        else
            stream_->feed(octets);
    }

    // The next reply, all its lines without the last CRLF; "closed" if the server closed instead.
    std::string reply() {
        std::size_t end = 0;
        run_until([&] { return (end = reply_end()) > 0 || (done_ && !reading_); });
        if (end == 0) return said_.empty() ? "closed" : "half a reply: " + said_;
        auto const reply = said_.substr(0, end - 2);
        said_.erase(0, end);
        return reply;
    }
    // The reply to a line.
    std::string ask(std::string_view line) {
        send(std::string(line) + "\r\n");
        return reply();
    }
    // As many replies as there are lines, in one string.
    std::string replies(unsigned count) {
        std::string all;
        while (count-- > 0) all += reply() + "\n";
        return all;
    }
    void greet() {
        reply();
        ask("EHLO client.example");
    }
    // Past EHLO and AUTH.
    void log_in(std::string const& login) {
        greet();
        if (!ask("AUTH PLAIN " + text::base64_encode('\0' + login + '\0' + "secret-" + login)).starts_with("235"))
            throw std::runtime_error("cannot log in");
    }

    // RFC 3207 §4: the client's half, once the server said 220. All that follows passes through TLS.
    void start_tls(net::TlsClient const& client) {
        auto wire = std::make_unique<net::MemoryStream>(fixture_.io.get_executor());
        wire_ = wire.get();
        tls_ = client.wrap(std::move(wire), "mail.office.lan");
        bool established = false;
        reading_ = true;
        boost::asio::co_spawn(fixture_.io, read(established), rethrow);
        run_until([&] { return established; });
    }

    net::MemoryStream& stream() { return *stream_; }

private:
    boost::asio::awaitable<void> run(smtp::Role role) {
        co_await smtp::serve(*connection_, fixture_.office, role);
        co_await connection_->close();
        done_ = true;
    }

    static void rethrow(std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    }

    boost::asio::awaitable<void> read(bool& established) {
        if (auto const error = co_await tls_->handshake()) throw std::system_error(error);
        established = true;
        std::array<char, 1000> some;
        while (true) {
            auto const octets = co_await tls_->read_some(some);
            if (!octets || *octets == 0) break;
            said_.append(some.data(), *octets);
        }
        reading_ = false;
    }
    boost::asio::awaitable<void> write(std::string octets) {
        if (auto const error = co_await tls_->write_all(octets)) throw std::system_error(error);
    }

    // A reply ends with the first line that has a space after its code.
    [[nodiscard]] std::size_t reply_end() const {
        for (std::size_t line = 0;;) {
            auto const end = said_.find("\r\n", line);
            if (end == std::string::npos) return 0;
            if (end < line + 4 || said_[line + 3] == ' ') return end + 2;
            line = end + 2;
        }
    }

    // Takes what the server wrote to the client, and with TLS what the client wrote to the server.
    void carry() {
        auto const octets = stream_->take_output();
        if (!tls_) {
            said_ += octets;
            return;
        }
        if (!octets.empty()) wire_->feed(octets);
        if (auto const ours = wire_->take_output(); !ours.empty()) stream_->feed(ours);
    }

    template <typename Condition> void run_until(Condition met) {
        while (carry(), !met())
            if (fixture_.io.run_one_for(std::chrono::seconds{60}) == 0) throw std::runtime_error("no answer");
    }

    OfficeFixture& fixture_;
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
