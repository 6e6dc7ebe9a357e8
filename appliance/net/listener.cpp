#include "net/listener.h"

#include "core/log.h"
#include "net/tcp_stream.h"
#include "net/tls.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include <cstdlib>
#include <exception>
#include <format>
#include <utility>

namespace postern::net {

using asio::ip::tcp;

namespace {

// After an error that would come again at once, as a full file table does: sessions may end in the meantime.
constexpr std::chrono::milliseconds pause_after_error{500};

constexpr int backlog = 512;

// Waits for `stop`, at most for so long.
asio::awaitable<void> pause(asio::any_io_executor executor, Event& stop, std::chrono::steady_clock::duration at_most) {
    struct Alarm final : Event::Waiter {
        Alarm(asio::any_io_executor const& on, std::chrono::steady_clock::duration after) : timer(on, after) {}
        void on_raise() override { timer.cancel(); }
        asio::steady_timer timer;
    } alarm(executor, at_most);
    if (stop.raised()) co_return;
    stop.add(alarm);
    co_await alarm.timer.async_wait(asio::as_tuple(asio::deferred));
}

} // namespace

std::optional<MemoryShare> Census::enter(std::string const& address, ConnectionLimits limits) {
    auto const known = counts_->by_address.find(address);
    std::size_t const there = known == counts_->by_address.end() ? 0 : known->second;
    if (counts_->total >= limits.total || there >= limits.per_address) return std::nullopt;
    counts_->memory.set_ceiling(limits.memory);
    MemoryShare share(counts_->memory, address);
    if (!share.resize(Connection::idle_octets)) return std::nullopt;
    ++counts_->by_address[address];
    ++counts_->total;
    return share;
}

void Census::leave(std::string const& address) {
    auto const known = counts_->by_address.find(address);
    if (known == counts_->by_address.end()) return;
    --counts_->total;
    if (--known->second == 0) counts_->by_address.erase(known);
}

std::vector<PassedSocket> passed_sockets() {
    char** names = nullptr;
    int const count = ::sd_listen_fds_with_names(1, &names);
    std::vector<PassedSocket> sockets;
    for (int i = 0; i < count; ++i) {
        sockets.push_back({names[i], SD_LISTEN_FDS_START + i});
        std::free(names[i]);
    }
    std::free(names);
    return sockets;
}

struct Listener::State {
    State(tcp::acceptor listening, Service what, Census counted, Event& end)
        : acceptor(std::move(listening)),
          service(std::move(what)),
          census(std::move(counted)),
          stop(end),
          session_ended(acceptor.get_executor()) {}

    tcp::acceptor acceptor;
    Service service;
    Census census;
    Event& stop;
    Event session_ended;
    std::size_t sessions = 0;
    std::size_t refused = 0; // since the log said so
    std::chrono::steady_clock::time_point refusal_logged{};

    // Says so without waiting, so that a flood of connections holds nothing; the log gets a line a second at most.
    void refuse(tcp::socket& socket, Endpoints const& endpoints) {
        boost::system::error_code ignored;
        socket.non_blocking(true, ignored);
        if (!service.implicit_tls) socket.write_some(asio::buffer(service.refusal), ignored);
        socket.shutdown(tcp::socket::shutdown_send, ignored);
        ++refused;
        auto const now = std::chrono::steady_clock::now();
        if (now - refusal_logged < std::chrono::seconds(1)) return;
        refusal_logged = now;
        core::log(core::Event::connection_refused,
                  {{"service", service.name}, {"peer", endpoints.peer_address}, {"count", std::exchange(refused, 0)}});
    }
};

// Counted in the census; its end is seen by drained().
struct Listener::Visit {
    Visit(std::shared_ptr<State> of, std::string from) : state(std::move(of)), address(std::move(from)) {
        ++state->sessions;
    }
    Visit(Visit const&) = delete;
    Visit& operator=(Visit const&) = delete;
    ~Visit() {
        state->census.leave(address);
        --state->sessions;
        state->session_ended.raise();
        state->session_ended.clear();
    }

    std::shared_ptr<State> state;
    std::string address;
};

namespace {

// The endpoint, ready to listen. Throws boost::system::system_error.
tcp::acceptor listen(asio::any_io_executor const& executor, tcp::endpoint const& endpoint) {
    tcp::acceptor acceptor(executor, endpoint.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    if (endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(false));
    acceptor.bind(endpoint);
    acceptor.listen(backlog);
    return acceptor;
}

} // namespace

std::expected<std::unique_ptr<Listener>, std::string> Listener::bind(asio::any_io_executor executor,
                                                                     std::string const& address, std::uint16_t port,
                                                                     Service service, Census census, Event& stop) {
    boost::system::error_code wrong;
    asio::ip::address const where = asio::ip::make_address(address, wrong);
    if (wrong) return std::unexpected(std::format("\"{}\" is no address to listen on for {}", address, service.name));
    try {
        auto state =
            std::make_shared<State>(listen(executor, {where, port}), std::move(service), std::move(census), stop);
        return std::unique_ptr<Listener>(new Listener(std::move(state)));
    } catch (boost::system::system_error const& error) {
        return std::unexpected(
            std::format("cannot listen on {} port {} for {}: {}", address, port, service.name, error.code().message()));
    }
}

std::expected<std::unique_ptr<Listener>, std::string> Listener::adopt(asio::any_io_executor executor, int descriptor,
                                                                      Service service, Census census, Event& stop) {
    int const is_ipv6 = ::sd_is_socket(descriptor, AF_INET6, SOCK_STREAM, 1);
    if (is_ipv6 <= 0 && ::sd_is_socket(descriptor, AF_INET, SOCK_STREAM, 1) <= 0)
        return std::unexpected(
            std::format("descriptor {} for {} is no listening TCP socket", descriptor, service.name));
    tcp::acceptor acceptor(executor);
    boost::system::error_code wrong;
    acceptor.assign(is_ipv6 > 0 ? tcp::v6() : tcp::v4(), descriptor, wrong);
    if (wrong)
        return std::unexpected(
            std::format("cannot take over descriptor {} for {}: {}", descriptor, service.name, wrong.message()));
    auto state = std::make_shared<State>(std::move(acceptor), std::move(service), std::move(census), stop);
    return std::unique_ptr<Listener>(new Listener(std::move(state)));
}

Listener::~Listener() {
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
}

std::uint16_t Listener::port() const {
    boost::system::error_code ignored;
    return state_->acceptor.local_endpoint(ignored).port();
}

std::size_t Listener::sessions() const { return state_->sessions; }

void Listener::start() { asio::co_spawn(state_->acceptor.get_executor(), accept(state_), asio::detached); }

asio::awaitable<void> Listener::accept(std::shared_ptr<State> state) {
    // Raised, it ends the accept under way.
    struct Alarm final : Event::Waiter {
        explicit Alarm(tcp::acceptor& listening) : acceptor(listening) {}
        void on_raise() override {
            boost::system::error_code ignored;
            acceptor.close(ignored);
        }
        tcp::acceptor& acceptor;
    } alarm(state->acceptor);
    state->stop.add(alarm);
    if (state->stop.raised()) alarm.on_raise();

    while (state->acceptor.is_open()) {
        auto [error, socket] = co_await state->acceptor.async_accept(asio::as_tuple(asio::deferred));
        if (!error) {
            admit(state, std::move(socket));
        } else if (error != asio::error::connection_aborted && error != asio::error::operation_aborted) {
            core::log(core::Event::listener_failed, {{"service", state->service.name}, {"reason", error.message()}});
            co_await pause(state->acceptor.get_executor(), state->stop, pause_after_error);
        }
    }
}

void Listener::admit(std::shared_ptr<State> const& state, asio::ip::tcp::socket socket) {
    try {
        Endpoints endpoints = endpoints_of(socket);
        if (endpoints.peer_address.empty()) return; // it left already
        auto memory = state->census.enter(endpoints.peer_address, state->service.limits());
        if (!memory) return state->refuse(socket, endpoints);
        auto visit = std::make_unique<Visit>(state, endpoints.peer_address);
        asio::co_spawn(state->acceptor.get_executor(),
                       run(std::move(visit), std::make_unique<TcpStream>(std::move(socket)), std::move(endpoints),
                           std::move(*memory)),
                       asio::detached);
    } catch (std::exception const& error) {
        core::log(core::Event::listener_failed, {{"service", state->service.name}, {"reason", error.what()}});
    }
}

asio::awaitable<void> Listener::run(std::unique_ptr<Visit> visit, std::unique_ptr<Stream> stream, Endpoints endpoints,
                                    MemoryShare memory) {
    Service const& service = visit->state->service;
    Connection connection(std::move(stream), std::move(endpoints), visit->state->stop, std::move(memory));
    core::log(core::Event::session_opened, {{"service", service.name}, {"peer", connection.endpoints().peer_address}});
    std::string broken;
    try {
        bool is_ready = true;
        if (service.implicit_tls) {
            std::shared_ptr<TlsServer> const tls = service.implicit_tls();
            is_ready = tls && co_await connection.start_tls(*tls);
        }
        if (is_ready) co_await service.serve(connection);
    } catch (std::exception const& error) {
        broken = error.what();
    } catch (...) {
        broken = "an exception of unknown type";
    }
    if (!broken.empty())
        core::log(core::Event::session_broken,
                  {{"service", service.name}, {"peer", connection.endpoints().peer_address}, {"reason", broken}});
    co_await connection.close();
    core::log(core::Event::session_closed, {{"service", service.name}, {"peer", connection.endpoints().peer_address}});
}

asio::awaitable<void> Listener::drained(std::chrono::steady_clock::duration at_most) {
    std::shared_ptr<State> const state = state_;
    auto const until = std::chrono::steady_clock::now() + at_most;
    while (state->sessions > 0) {
        auto const left = until - std::chrono::steady_clock::now();
        if (left <= left.zero()) co_return;
        co_await pause(state->acceptor.get_executor(), state->session_ended, left);
    }
}

} // namespace postern::net
