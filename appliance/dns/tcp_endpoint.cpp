#include "dns/tcp_endpoint.h"

#include "core/log.h"
#include "net/event.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancel_after.hpp>
#include <boost/asio/cancel_at.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <sys/socket.h>

#include <array>
#include <atomic>
#include <chrono>
#include <exception>
#include <format>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace postern::dns {

namespace {

using asio::ip::tcp;
using namespace std::chrono_literals;

constexpr std::size_t most_connections = 256, most_of_one = 32;
// No query is longer (RFC 8467 §4.1 pads to 128), and whoever says so wants memory.
constexpr std::size_t longest_query = 4096;
constexpr std::size_t length_octets = 2;
// Answers that wait to be read, beyond which no more queries are taken; and queries that wait for somebody outside.
constexpr std::size_t most_unread = 64 * 1024;
constexpr unsigned most_waiting = 32;
// RFC 7766 §6.2.3: from the last query on. The same for a client that does not read.
constexpr auto idle_limit = 20s;
constexpr auto pause_after_error = 100ms;
constexpr auto pause_of_log = 1min;
constexpr int backlog = 128;

} // namespace

struct TcpEndpoint::State {
    State(tcp::acceptor listening, Responder& with) : acceptor(std::move(listening)), responder(with) {}

    // Why a connection of it is closed at once; nothing: it is not.
    [[nodiscard]] std::optional<std::string_view> objection(IpAddress const& client) const {
        if (!responder.may_ask(client)) return "only clients near by are answered";
        auto const own = by_address.find(client);
        if (own != by_address.end() && own->second >= most_of_one) return "it has as many connections as one may have";
        if (connections >= most_connections) return "there are as many connections as there may be";
        return std::nullopt;
    }

    // The log gets a line a minute at most.
    void refuse(IpAddress const& client, std::string_view reason) {
        ++refused;
        auto const now = std::chrono::steady_clock::now();
        if (told_at && now - *told_at < pause_of_log) return;
        told_at = now;
        core::log(
            core::Event::connection_refused,
            {{"service", "dns"}, {"peer", client.text()}, {"reason", reason}, {"count", std::exchange(refused, 0)}});
    }

    tcp::acceptor acceptor;
    Responder& responder;
    std::map<IpAddress, std::size_t> by_address;
    std::atomic<std::size_t> connections = 0;
    std::size_t refused = 0; // since the log said so
    std::optional<std::chrono::steady_clock::time_point> told_at;
};

// One connection; shared by who reads, who writes and what waits for somebody outside.
struct TcpEndpoint::Session : std::enable_shared_from_this<Session> {
    Session(std::shared_ptr<State> of, tcp::socket connected, Client const& who)
        : state(std::move(of)), socket(std::move(connected)), client(who), changed(socket.get_executor()) {
        ++state->connections;
        ++state->by_address[client.address];
    }
    Session(Session const&) = delete;
    Session& operator=(Session const&) = delete;
    ~Session() {
        --state->connections;
        auto const own = state->by_address.find(client.address);
        if (--own->second == 0) state->by_address.erase(own);
    }

    // Takes queries until there are no more. Who sends no more may still want to read.
    static asio::awaitable<void> read(std::shared_ptr<Session> self) {
        try {
            co_await self->take_queries();
        } catch (std::exception const& fault) {
            core::log(core::Event::session_broken, {{"service", "dns"}, {"reason", fault.what()}});
        }
        self->finished = true;
        self->wake();
    }

    asio::awaitable<void> take_queries() {
        auto until = std::chrono::steady_clock::now() + idle_limit;
        std::array<char, longest_query> buffer;
        std::string unread;
        while (socket.is_open()) {
            auto const [error, size] = co_await socket.async_read_some(
                asio::buffer(buffer), asio::cancel_at(until, asio::as_tuple(asio::deferred)));
            if (error) break;
            unread.append(buffer.data(), size);
            std::size_t taken = 0;
            bool well_formed = true;
            while (unread.size() - taken >= length_octets) {
                std::size_t const length = static_cast<std::size_t>(static_cast<unsigned char>(unread[taken])) << 8 |
                                           static_cast<unsigned char>(unread[taken + 1]);
                well_formed = length <= longest_query;
                if (!well_formed || unread.size() - taken - length_octets < length) break;
                while (socket.is_open() && (outgoing.size() > most_unread || waiting >= most_waiting))
                    co_await changed.wait();
                answer(std::string_view(unread).substr(taken + length_octets, length));
                taken += length_octets + length;
                until = std::chrono::steady_clock::now() + idle_limit;
            }
            if (!well_formed) break;
            unread.erase(0, taken);
        }
    }

    void answer(std::string_view query) {
        std::array<char, wire::dns::tcp_limit>& room = scratch();
        auto const said = state->responder.answer(query, client, room);
        if (said.later) {
            asio::co_spawn(socket.get_executor(),
                           answer_later(std::make_unique<Late>(shared_from_this(), said.later), std::string(query)),
                           asio::detached);
        } else if (said.octets > 0) {
            say({room.data(), said.octets});
        }
    }

    // One query that waits for somebody outside.
    struct Late {
        explicit Late(std::shared_ptr<Session> of, std::shared_ptr<Responder::Waiting> on)
            : session(std::move(of)), waiting(std::move(on)) {
            ++session->waiting;
        }
        Late(Late const&) = delete;
        Late& operator=(Late const&) = delete;
        ~Late() {
            --session->waiting;
            session->wake();
        }
        std::shared_ptr<Session> session;
        std::shared_ptr<Responder::Waiting> waiting;
    };

    static asio::awaitable<void> answer_later(std::unique_ptr<Late> late, std::string query) {
        Session& session = *late->session;
        std::string const answer =
            co_await session.state->responder.look_up(late->waiting, std::move(query), session.client);
        if (!answer.empty()) session.say(answer);
    }

    void say(std::string_view answer) {
        outgoing += static_cast<char>(answer.size() >> 8);
        outgoing += static_cast<char>(answer.size());
        outgoing += answer;
        wake();
    }

    void wake() {
        changed.raise();
        changed.clear();
    }

    // As one write whatever is there (RFC 7766 §8).
    static asio::awaitable<void> write(std::shared_ptr<Session> self) {
        while (!self->finished || self->waiting > 0 || !self->outgoing.empty()) {
            if (self->outgoing.empty()) {
                co_await self->changed.wait();
                continue;
            }
            std::string const leaving = std::exchange(self->outgoing, {});
            auto const [error, size] = co_await asio::async_write(
                self->socket, asio::buffer(leaving), asio::cancel_after(idle_limit, asio::as_tuple(asio::deferred)));
            self->wake();
            if (error) break;
        }
        boost::system::error_code ignored;
        self->socket.shutdown(tcp::socket::shutdown_both, ignored);
        self->socket.close(ignored);
        self->wake();
    }

    // Where an answer is written first: of one thread, and not kept across a wait.
    static std::array<char, wire::dns::tcp_limit>& scratch() {
        thread_local std::array<char, wire::dns::tcp_limit> room;
        return room;
    }

    std::shared_ptr<State> state;
    tcp::socket socket;
    Client client;
    net::Event changed;
    std::string outgoing;
    unsigned waiting = 0;
    bool finished = false;
};

std::expected<std::unique_ptr<TcpEndpoint>, std::string> TcpEndpoint::bind(asio::any_io_executor const& executor,
                                                                           std::string const& address,
                                                                           std::uint16_t port, Responder& responder) {
    boost::system::error_code wrong;
    asio::ip::address const where = asio::ip::make_address(address, wrong);
    if (wrong) return std::unexpected(std::format("\"{}\" is no address to listen on for dns", address));
    tcp::endpoint const endpoint(where, port);
    tcp::acceptor acceptor(executor);
    acceptor.open(endpoint.protocol(), wrong);
    if (!wrong) acceptor.set_option(tcp::acceptor::reuse_address(true), wrong);
    if (!wrong && where.is_v6()) acceptor.set_option(asio::ip::v6_only(false), wrong);
    if (!wrong) acceptor.bind(endpoint, wrong);
    if (!wrong) acceptor.listen(backlog, wrong);
    if (wrong)
        return std::unexpected(
            std::format("cannot listen on {} port {} (TCP) for dns: {}", address, port, wrong.message()));
    return std::unique_ptr<TcpEndpoint>(new TcpEndpoint(std::make_shared<State>(std::move(acceptor), responder)));
}

std::expected<std::unique_ptr<TcpEndpoint>, std::string> TcpEndpoint::adopt(asio::any_io_executor const& executor,
                                                                            int descriptor, Responder& responder) {
    int family = 0;
    socklen_t size = sizeof family;
    (void)::getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &family, &size);
    tcp::acceptor acceptor(executor);
    boost::system::error_code wrong;
    acceptor.assign(family == AF_INET6 ? tcp::v6() : tcp::v4(), descriptor, wrong);
    if (wrong)
        return std::unexpected(std::format("cannot take over descriptor {} for dns: {}", descriptor, wrong.message()));
    return std::unique_ptr<TcpEndpoint>(new TcpEndpoint(std::make_shared<State>(std::move(acceptor), responder)));
}

TcpEndpoint::~TcpEndpoint() {
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
}

std::uint16_t TcpEndpoint::port() const {
    boost::system::error_code ignored;
    return state_->acceptor.local_endpoint(ignored).port();
}

std::size_t TcpEndpoint::connections() const { return state_->connections; }

void TcpEndpoint::start() { asio::co_spawn(state_->acceptor.get_executor(), accept(state_), asio::detached); }

asio::awaitable<void> TcpEndpoint::accept(std::shared_ptr<State> state) {
    while (state->acceptor.is_open()) {
        auto [error, socket] = co_await state->acceptor.async_accept(asio::as_tuple(asio::deferred));
        if (error == asio::error::operation_aborted) co_return;
        if (error) {
            if (error == asio::error::connection_aborted) continue;
            core::log(core::Event::listener_failed, {{"service", "dns"}, {"reason", error.message()}});
            asio::steady_timer timer(state->acceptor.get_executor(), pause_after_error);
            co_await timer.async_wait(asio::as_tuple(asio::deferred));
            continue;
        }
        boost::system::error_code gone;
        auto const peer = socket.remote_endpoint(gone), local = socket.local_endpoint(gone);
        if (gone) continue;
        Client const client{IpAddress::of(*peer.data()), IpAddress::of(*local.data()), true, idle_limit};
        if (auto const reason = state->objection(client.address)) {
            state->refuse(client.address, *reason);
            continue; // and it is closed
        }
        socket.set_option(tcp::no_delay(true), gone);
        auto const session = std::make_shared<Session>(state, std::move(socket), client);
        asio::co_spawn(state->acceptor.get_executor(), Session::write(session), asio::detached);
        asio::co_spawn(state->acceptor.get_executor(), Session::read(session), asio::detached);
    }
}

} // namespace postern::dns
