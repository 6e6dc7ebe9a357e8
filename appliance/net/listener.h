// Accepts connections for one service and runs a session for each, until the daemon stops.
//
// Nothing that a peer or a full file table does ends the accept loop. A session that throws is logged and closed; the
// others never notice. Everything here belongs to one executor.
#pragma once

#include "net/address.h"
#include "net/connection.h"
#include "net/event.h"
#include "net/memory_budget.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::net {

struct ConnectionLimits {
    std::size_t total;
    std::size_t per_address;
    std::size_t memory = std::numeric_limits<std::size_t>::max(); // octets that all of them may hold together
};

// Who is connected now, and what memory that takes. Copies count together: hand one to every listener that shares the
// limits.
class Census {
public:
    // Counts one more and gives what an idle connection holds, unless that is over a limit.
    [[nodiscard]] std::optional<MemoryShare> enter(std::string const& address, ConnectionLimits limits);
    void leave(std::string const& address);
    [[nodiscard]] std::size_t total() const { return counts_->total; }
    [[nodiscard]] MemoryBudget& memory() { return counts_->memory; }

private:
    struct Counts {
        std::map<std::string, std::size_t> by_address;
        std::size_t total = 0;
        MemoryBudget memory{0};
    };
    std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

struct Service {
    std::string name;                                        // "imaps", for the log
    std::function<asio::awaitable<void>(Connection&)> serve; // its connection is closed afterwards, whatever happens
    std::function<ConnectionLimits()> limits;                // asked at each connection, so that settings apply at once
    std::string refusal;                                     // said instead of a greeting when a limit is reached
    // For implicit TLS (RFC 8314 §3): asked at each connection, so that a renewed certificate applies at once.
    std::function<std::shared_ptr<TlsServer>()> implicit_tls;
};

// Sockets that systemd opened for us, by name (sd_listen_fds(3)). They are ours to close; the second call has none.
struct PassedSocket {
    std::string name;
    int descriptor;
};
[[nodiscard]] std::vector<PassedSocket> passed_sockets();

class Listener {
public:
    // `stop` outlives every session that runs. Errors are sentences that name the address.
    // An IPv6 wildcard, "::", takes IPv4 too.
    static std::expected<std::unique_ptr<Listener>, std::string> bind(asio::any_io_executor executor,
                                                                      std::string const& address, std::uint16_t port,
                                                                      Service service, Census census, Event& stop);
    // Takes a listening socket over.
    static std::expected<std::unique_ptr<Listener>, std::string> adopt(asio::any_io_executor executor, int descriptor,
                                                                       Service service, Census census, Event& stop);
    ~Listener();

    // Accepts until `stop` is raised.
    void start();
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::size_t sessions() const;
    // After `stop`: waits until no session is left, at most for so long.
    asio::awaitable<void> drained(std::chrono::steady_clock::duration at_most);

private:
    struct State;
    struct Visit;
    explicit Listener(std::shared_ptr<State> state) : state_(std::move(state)) {}
    static asio::awaitable<void> accept(std::shared_ptr<State> state);
    static void admit(std::shared_ptr<State> const& state, asio::ip::tcp::socket socket);
    static asio::awaitable<void> run(std::unique_ptr<Visit> visit, std::unique_ptr<Stream> stream, Endpoints endpoints,
                                     MemoryShare memory);

    std::shared_ptr<State> state_; // shared with its sessions
};

} // namespace postern::net
