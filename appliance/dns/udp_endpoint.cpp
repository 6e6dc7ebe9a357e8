#include "dns/udp_endpoint.h"

#include "core/log.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <format>
#include <utility>

namespace postern::dns {

namespace {

using asio::ip::udp;

constexpr std::size_t batch = 32;
// A query has a name, and little besides; with padding it is some hundred octets (RFC 8467 §4.1).
constexpr std::size_t longest_packet = 1500;
// Batches in a row, until others have their turn.
constexpr unsigned batches_in_a_row = 16;
constexpr int receive_buffer = 1024 * 1024;

// Where a query came to, for a socket that has all addresses; large enough for either family's.
using Control = std::array<char, CMSG_SPACE(sizeof(in6_pktinfo))>;
static_assert(sizeof(Control) >= CMSG_SPACE(sizeof(in_pktinfo)));

template <typename Value> void set(int descriptor, int level, int option, Value value) {
    (void)::setsockopt(descriptor, level, option, &value, sizeof value); // one that the system lacks is done without
}

// The address that a query was sent to, out of what came with it; and what came is made what the answer is to be sent
// with, so that it leaves from there (RFC 1122 §4.1.3.5).
void take_destination(msghdr& header, IpAddress& reached_at) {
    for (cmsghdr* one = CMSG_FIRSTHDR(&header); one != nullptr; one = CMSG_NXTHDR(&header, one)) {
        if (one->cmsg_level == IPPROTO_IP && one->cmsg_type == IP_PKTINFO) {
            in_pktinfo info;
            std::memcpy(&info, CMSG_DATA(one), sizeof info);
            wire::dns::A address;
            std::memcpy(address.address.data(), &info.ipi_spec_dst, address.address.size());
            reached_at = IpAddress(address);
            info.ipi_ifindex = 0; // by whichever way the answer goes
            std::memcpy(CMSG_DATA(one), &info, sizeof info);
            return;
        }
        if (one->cmsg_level == IPPROTO_IPV6 && one->cmsg_type == IPV6_PKTINFO) {
            in6_pktinfo info;
            std::memcpy(&info, CMSG_DATA(one), sizeof info);
            std::array<unsigned char, 16> octets;
            std::memcpy(octets.data(), &info.ipi6_addr, octets.size());
            reached_at = IpAddress(octets);
            if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) info.ipi6_ifindex = 0;
            std::memcpy(CMSG_DATA(one), &info, sizeof info);
            return;
        }
    }
    header.msg_controllen = 0;
}

} // namespace

struct UdpEndpoint::State {
    State(udp::socket bound, Responder& with) : socket(std::move(bound)), responder(with) {
        boost::system::error_code wrong;
        auto const local = socket.local_endpoint(wrong);
        wildcard = local.address().is_unspecified();
        if (auto const address = IpAddress::parse(local.address().to_string())) own = *address;
        int const descriptor = socket.native_handle();
        bool const six = local.protocol() == udp::v6();
        if (wildcard) set(descriptor, six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_RECVPKTINFO : IP_PKTINFO, 1);
        set(descriptor, SOL_SOCKET, SO_RCVBUF, receive_buffer);
        // RFC 9715 §3: nobody makes us believe that packets have to be smaller than they are.
        set(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
        if (six) set(descriptor, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT);
        socket.non_blocking(true, wrong);
    }

    // One that waits, or is sent.
    struct Packet {
        sockaddr_storage peer;
        Control control;
        std::array<char, longest_packet> query;
        std::array<char, udp_payload> answer;
        iovec query_at{query.data(), query.size()};
        iovec answer_at{answer.data(), 0};
    };

    // How many came; none: that was all.
    std::size_t receive() {
        for (std::size_t i = 0; i < batch; ++i) {
            Packet& packet = packets[i];
            incoming[i].msg_hdr = {.msg_name = &packet.peer,
                                   .msg_namelen = sizeof packet.peer,
                                   .msg_iov = &packet.query_at,
                                   .msg_iovlen = 1,
                                   .msg_control = wildcard ? packet.control.data() : nullptr,
                                   .msg_controllen = wildcard ? packet.control.size() : 0,
                                   .msg_flags = 0};
        }
        int const came = ::recvmmsg(socket.native_handle(), incoming.data(), batch, MSG_DONTWAIT, nullptr);
        return came < 0 ? 0 : static_cast<std::size_t>(came);
    }

    // What can be told at once is, and leaves; the rest goes on by itself.
    void answer(std::shared_ptr<State> const& self, std::size_t came) {
        std::size_t ready = 0;
        for (std::size_t i = 0; i < came; ++i) {
            Packet& packet = packets[i];
            msghdr& header = incoming[i].msg_hdr;
            if ((header.msg_flags & MSG_TRUNC) != 0) continue; // no query is as long as that
            Client client{IpAddress::of(reinterpret_cast<sockaddr const&>(packet.peer)), own, false};
            if (wildcard) take_destination(header, client.reached_at);
            std::string_view const query(packet.query.data(), incoming[i].msg_len);
            auto const said = responder.answer(query, client, packet.answer);
            if (said.later) {
                asio::co_spawn(socket.get_executor(),
                               answer_later(self, said.later, std::string(query), client, packet.peer, packet.control,
                                            header.msg_controllen, header.msg_namelen),
                               asio::detached);
                continue;
            }
            if (said.octets == 0) continue;
            packet.answer_at.iov_len = said.octets;
            outgoing[ready].msg_hdr = header;
            outgoing[ready].msg_hdr.msg_iov = &packet.answer_at;
            outgoing[ready].msg_hdr.msg_flags = 0;
            ++ready;
        }
        send(outgoing.data(), ready);
    }

    // What the system does not take is lost, as anything sent by UDP may be.
    void send(mmsghdr* messages, std::size_t count) {
        while (count > 0) {
            int const sent = ::sendmmsg(socket.native_handle(), messages, static_cast<unsigned>(count), MSG_DONTWAIT);
            if (sent < 0 && errno == EINTR) continue;
            std::size_t const done = sent <= 0 ? 1 : static_cast<std::size_t>(sent);
            messages += done;
            count -= done;
        }
    }

    static asio::awaitable<void> answer_later(std::shared_ptr<State> state, std::shared_ptr<Responder::Waiting> waiting,
                                              std::string query, Client client, sockaddr_storage peer, Control control,
                                              std::size_t control_size, socklen_t peer_size) {
        std::string answer = co_await state->responder.look_up(std::move(waiting), std::move(query), client);
        if (answer.empty() || !state->socket.is_open()) co_return;
        iovec at{answer.data(), answer.size()};
        mmsghdr message{};
        message.msg_hdr = {.msg_name = &peer,
                           .msg_namelen = peer_size,
                           .msg_iov = &at,
                           .msg_iovlen = 1,
                           .msg_control = control_size == 0 ? nullptr : control.data(),
                           .msg_controllen = control_size,
                           .msg_flags = 0};
        state->send(&message, 1);
    }

    udp::socket socket;
    Responder& responder;
    bool wildcard = false;
    IpAddress own; // unless it is a wildcard
    std::array<Packet, batch> packets;
    std::array<mmsghdr, batch> incoming{}, outgoing{};
};

std::expected<std::unique_ptr<UdpEndpoint>, std::string> UdpEndpoint::bind(asio::any_io_executor const& executor,
                                                                           std::string const& address,
                                                                           std::uint16_t port, Responder& responder) {
    boost::system::error_code wrong;
    asio::ip::address const where = asio::ip::make_address(address, wrong);
    if (wrong) return std::unexpected(std::format("\"{}\" is no address to listen on for dns", address));
    udp::endpoint const endpoint(where, port);
    udp::socket socket(executor);
    if (socket.open(endpoint.protocol(), wrong); !wrong && where.is_v6())
        socket.set_option(asio::ip::v6_only(false), wrong);
    if (!wrong) socket.bind(endpoint, wrong);
    if (wrong)
        return std::unexpected(
            std::format("cannot listen on {} port {} (UDP) for dns: {}", address, port, wrong.message()));
    return std::unique_ptr<UdpEndpoint>(new UdpEndpoint(std::make_shared<State>(std::move(socket), responder)));
}

std::expected<std::unique_ptr<UdpEndpoint>, std::string> UdpEndpoint::adopt(asio::any_io_executor const& executor,
                                                                            int descriptor, Responder& responder) {
    int family = 0;
    socklen_t size = sizeof family;
    (void)::getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &family, &size);
    udp::socket socket(executor);
    boost::system::error_code wrong;
    socket.assign(family == AF_INET6 ? udp::v6() : udp::v4(), descriptor, wrong);
    if (wrong)
        return std::unexpected(std::format("cannot take over descriptor {} for dns: {}", descriptor, wrong.message()));
    return std::unique_ptr<UdpEndpoint>(new UdpEndpoint(std::make_shared<State>(std::move(socket), responder)));
}

UdpEndpoint::~UdpEndpoint() {
    boost::system::error_code ignored;
    state_->socket.close(ignored);
}

std::uint16_t UdpEndpoint::port() const {
    boost::system::error_code ignored;
    return state_->socket.local_endpoint(ignored).port();
}

void UdpEndpoint::start() { asio::co_spawn(state_->socket.get_executor(), serve(state_), asio::detached); }

asio::awaitable<void> UdpEndpoint::serve(std::shared_ptr<State> state) {
    while (state->socket.is_open()) {
        auto const [error] = co_await state->socket.async_wait(udp::socket::wait_read, asio::as_tuple(asio::deferred));
        if (error) co_return; // it was closed
        for (unsigned i = 0; i < batches_in_a_row; ++i) {
            std::size_t const came = state->receive();
            try {
                if (came > 0) state->answer(state, came);
            } catch (std::exception const& fault) { // of one batch
                core::log(core::Event::session_broken, {{"service", "dns"}, {"reason", fault.what()}});
            }
            if (came < batch) break;
        }
    }
}

} // namespace postern::dns
