// Many conversations at once on one thread: plain sockets and epoll, as cheap as a client can be.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace postern::bench {

class Loop;

// One conversation with a server on loopback, which answers in lines. It may open another connection when one ended.
class Conversation {
public:
    explicit Conversation(Loop& loop) : loop_(loop) {}
    virtual ~Conversation();
    Conversation(Conversation const&) = delete;
    Conversation& operator=(Conversation const&) = delete;

protected:
    virtual void on_line(std::string_view line) = 0; // without its CRLF
    virtual void on_end() = 0;                       // the server closed

    void open(std::uint16_t port); // throws std::system_error
    void close();
    // `octets` must stay where they are until all were sent; a conversation sends again only after an answer.
    void send(std::string_view octets);

private:
    friend class Loop;
    void on_readable();
    void on_writable();

    Loop& loop_;
    int socket_ = -1;
    std::string received_; // no whole line
    std::string_view to_send_;
    bool wait_writable_ = false;
    std::uint64_t connection_ = 0; // tells a conversation that reads that it closed meanwhile
};

class Loop {
public:
    Loop();
    ~Loop();
    Loop(Loop const&) = delete;
    Loop& operator=(Loop const&) = delete;

    // Until no conversation is open. Throws std::runtime_error when nothing more happens for `patience`, or after
    // `limit`: no load runs on for ever.
    void run(std::chrono::seconds limit, std::chrono::seconds patience = std::chrono::seconds(60));

private:
    friend class Conversation;
    int epoll_;
    std::size_t open_ = 0;
};

// A connected socket to a port of 127.0.0.1, without Nagle's delay. Throws std::system_error.
int connect_to(std::uint16_t port);

} // namespace postern::bench
