// One IMAP connection, one command at a time, over plain TCP or TLS. It counts what it is sent and looks at as little
// of it as it can, so that the time is the server's.
#pragma once

#include "options.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace postern::bench {

class TlsConnection;

// Throws std::runtime_error for every answer that is not OK.
class ImapClient {
public:
    // Options: imap (the port), user, password; imaps=1 for TLS. Logs in.
    explicit ImapClient(Options const& options);
    ~ImapClient();

    struct Answer {
        std::uint64_t responses = 0; // untagged ones
        std::uint64_t octets = 0;
    };
    // look: is shown the first line of each untagged response, without "* ".
    Answer command(std::string_view command, std::function<void(std::string_view)> const& look = {});
    void append(std::string_view mailbox, std::string_view message, std::string_view flags = "");
    // IDLE, until the connection goes.
    void idle();

    std::uint64_t select(std::string_view mailbox); // gives EXISTS
    std::uint64_t count(std::string_view mailbox);  // STATUS MESSAGES

private:
    void send(std::string_view octets);
    Answer answer(std::string_view command, std::function<void(std::string_view)> const& look);
    std::size_t receive(std::span<char> into);
    std::string_view line();         // with its CRLF; lasts until the next call
    void skip(std::uint64_t octets); // of a literal
    bool fill();                     // more octets into the buffer

    int socket_ = -1;
    std::unique_ptr<TlsConnection> tls_;
    std::unique_ptr<char[]> buffer_;
    std::size_t taken_ = 0, filled_ = 0; // of the buffer
    std::uint64_t received_ = 0;
};

// The number that stands behind `after` in a response; 0 where there is none.
std::uint64_t number_in(std::string_view response, std::string_view after);

} // namespace postern::bench
