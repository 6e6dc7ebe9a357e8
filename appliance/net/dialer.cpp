#include "net/dialer.h"

#include "net/event.h"
#include "net/resolver.h"
#include "net/tcp_stream.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <format>
#include <list>
#include <optional>

namespace postern::net {

namespace asio = boost::asio;
using asio::experimental::awaitable_operators::operator||;
using asio::ip::tcp;
using namespace std::chrono_literals;

namespace {

constexpr auto as_awaited_values = asio::as_tuple(asio::use_awaitable);

// RFC 8305 §5: the Connection Attempt Delay.
constexpr auto attempt_delay = 250ms;

// How long a name may take where we know an address already.
constexpr auto look_up_patience = 3s;

// RFC 8305 §4: the families take turns, beginning with that of the first one.
std::vector<tcp::endpoint> interleave(std::vector<tcp::endpoint> const& endpoints) {
    std::vector<tcp::endpoint> first, second, turns;
    for (auto const& endpoint : endpoints)
        (endpoint.protocol() == endpoints.front().protocol() ? first : second).push_back(endpoint);
    for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
        if (i < first.size()) turns.push_back(first[i]);
        if (i < second.size()) turns.push_back(second[i]);
    }
    return turns;
}

// tcp(7). A link that is cut says nothing: what is not acknowledged for so long will never be, and a peer that is
// waited for has its system asked whether it is there.
void notice_silence(tcp::socket& socket) {
    constexpr std::chrono::seconds silence = 90s;
    constexpr int probes = 3;
    auto const set = [&](int option, int value) {
        (void)::setsockopt(socket.native_handle(), IPPROTO_TCP, option, &value, sizeof value);
    };
    set(TCP_USER_TIMEOUT, static_cast<int>(std::chrono::milliseconds(silence).count()));
    set(TCP_KEEPIDLE, static_cast<int>(silence.count()) / probes);
    set(TCP_KEEPINTVL, static_cast<int>(silence.count()) / probes);
    set(TCP_KEEPCNT, probes);
}

// Attempts at several addresses of a host; shared with those that are under way.
struct Race {
    explicit Race(asio::any_io_executor const& executor) : changed(executor) {}

    Event changed; // an attempt came to an end
    std::list<tcp::socket> sockets;
    std::optional<tcp::socket> winner;
    std::size_t failed = 0;
    std::string last_error;
};

asio::awaitable<void> attempt(std::shared_ptr<Race> race, std::list<tcp::socket>::iterator socket,
                              tcp::endpoint endpoint) {
    auto const [error] = co_await socket->async_connect(endpoint, as_awaited_values);
    if (error) {
        ++race->failed;
        race->last_error =
            std::format("{} port {}: {}", endpoint.address().to_string(), endpoint.port(), error.message());
    } else if (!race->winner) {
        race->winner = std::move(*socket);
    }
    race->changed.raise();
}

// Ends what is still under way, whichever way the race is left.
struct Finish {
    std::shared_ptr<Race> race;
    ~Finish() {
        boost::system::error_code ignored;
        for (tcp::socket& socket : race->sockets) socket.close(ignored);
    }
};

asio::awaitable<std::expected<tcp::socket, std::string>> connect(asio::any_io_executor executor,
                                                                 std::vector<tcp::endpoint> endpoints,
                                                                 std::chrono::steady_clock::time_point until) {
    auto const race = std::make_shared<Race>(executor);
    Finish const finish{race};
    std::size_t begun = 0;
    while (!race->winner) {
        bool const more = begun < endpoints.size();
        if (!more && race->failed == begun) break;
        auto const now = std::chrono::steady_clock::now();
        if (now >= until) break;
        if (more) {
            auto const socket = race->sockets.emplace(race->sockets.end(), executor);
            asio::co_spawn(executor, attempt(race, socket, endpoints[begun++]), asio::detached);
        }
        race->changed.clear();
        asio::steady_timer timer(executor, more ? std::min(now + attempt_delay, until) : until);
        co_await (race->changed.wait() || timer.async_wait(as_awaited_values));
    }
    if (race->winner) co_return std::move(*race->winner);
    co_return std::unexpected(race->last_error.empty() ? "it does not answer" : race->last_error);
}

} // namespace

asio::awaitable<std::expected<std::vector<tcp::endpoint>, std::string>>
SystemDialer::look_up(std::string const& host, std::uint16_t port, std::chrono::seconds patience) {
    boost::system::error_code no_address;
    if (auto const address = asio::ip::make_address(host, no_address); !no_address)
        co_return std::vector{tcp::endpoint(address, port)};
    std::optional<asio::ip::address> known;
    if (auto const found = last_good_.find(host); found != last_good_.end()) known = found->second;
    asio::steady_timer timer(executor_, known ? std::min(patience, look_up_patience) : patience);
    auto const looked = co_await (resolver_.addresses(host) || timer.async_wait(as_awaited_values));
    std::string reason = "looking up its name takes too long";
    if (auto const* found = std::get_if<0>(&looked)) {
        if (found->has_value()) {
            std::vector<Endpoint> endpoints;
            for (auto const& address : **found) endpoints.emplace_back(address, port);
            co_return interleave(endpoints);
        }
        reason = std::format("its name cannot be looked up: {}", found->error().reason);
    }
    // Whatever the reason: when the internet is away, some routers say that nothing exists.
    if (known) co_return std::vector{Endpoint(*known, port)};
    co_return std::unexpected(reason);
}

asio::awaitable<std::expected<Dialed, std::string>> SystemDialer::dial(std::string host, std::uint16_t port,
                                                                       std::chrono::seconds patience) {
    auto const until = std::chrono::steady_clock::now() + patience;
    auto endpoints = co_await look_up(host, port, patience);
    if (!endpoints) co_return std::unexpected(std::format("{}: {}", host, endpoints.error()));
    auto socket = co_await connect(executor_, std::move(*endpoints), until);
    if (!socket) co_return std::unexpected(std::format("{}: {}", host, socket.error()));
    boost::system::error_code error;
    if (auto const peer = socket->remote_endpoint(error); !error) {
        if (last_good_.size() == most_remembered && !last_good_.contains(host)) last_good_.erase(last_good_.begin());
        last_good_.insert_or_assign(host, peer.address());
    }
    notice_silence(*socket);
    Endpoints const ends = endpoints_of(*socket);
    co_return Dialed{std::make_unique<TcpStream>(std::move(*socket)), ends};
}

} // namespace postern::net
