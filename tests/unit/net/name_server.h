// A name server on loopback sockets that answers as a test wants; it lives on the test's loop.
#pragma once

#include "core/name_server.h"
#include "loop.h"
#include "wire/dns_message.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace postern::net {

namespace dns = wire::dns;

inline dns::Name name(std::string_view written) { return dns::Name::parse(written).value(); }

class TestNameServer {
public:
    explicit TestNameServer(Loop& loop) : loop_(loop) {
        while (!listen()) {
        }
        asio::co_spawn(loop.context, serve_udp(), asio::detached);
        asio::co_spawn(loop.context, serve_tcp(), asio::detached);
    }

    // What it answers to a query; nothing: it is silent. Over TCP an empty string ends the connection at once.
    std::function<std::optional<std::string>(dns::Message const& query, bool tcp)> answer;

    std::vector<dns::Message> queries;
    asio::ip::udp::endpoint client; // of the last query over UDP

    [[nodiscard]] core::NameServer address() const { return {"127.0.0.1", udp_.local_endpoint().port()}; }

    static dns::Message reply_to(dns::Message const& query, dns::ResponseCode code = dns::ResponseCode::no_error) {
        dns::Message reply = query;
        reply.response = reply.recursion_available = true;
        reply.code = code;
        return reply;
    }

    // Answers from that, and that nothing else exists.
    void publish(std::vector<dns::Record> records) {
        answer = [records = std::move(records)](dns::Message const& query, bool) {
            auto const& question = query.questions.at(0);
            dns::Message reply = reply_to(query);
            bool exists = false;
            for (dns::Record const& record : records) {
                exists = exists || record.name == question.name;
                if (record.name == question.name && record.type() == question.type) reply.answers.push_back(record);
            }
            if (!exists) reply.code = dns::ResponseCode::name_error;
            if (reply.answers.empty()) reply.authorities = {zone_end()};
            return dns::format(reply);
        };
    }

    // With what a negative answer says that it is true for a minute.
    static dns::Record zone_end() {
        dns::Soa soa;
        soa.minimum = dns::Seconds(60);
        return {dns::Name(), dns::Seconds(3600), std::move(soa)};
    }

    // From somebody else's port.
    void answer_from_elsewhere(std::string const& octets) {
        asio::ip::udp::socket socket(loop_.context, asio::ip::udp::endpoint(asio::ip::address_v4::loopback(), 0));
        socket.send_to(asio::buffer(octets), client);
    }
    void say_to_client(std::string const& octets) { udp_.send_to(asio::buffer(octets), client); }

private:
    static constexpr auto awaited = asio::as_tuple(asio::use_awaitable);

    // Both at one port, which may be somebody's for one of them. Whether it was free.
    bool listen() {
        boost::system::error_code taken;
        tcp_ = {loop_.context, {asio::ip::address_v4::loopback(), 0}};
        udp_ = asio::ip::udp::socket(loop_.context, asio::ip::udp::v4());
        udp_.bind({asio::ip::address_v4::loopback(), tcp_.local_endpoint().port()}, taken);
        return !taken;
    }

    std::optional<std::string> answer_to(std::string_view octets, bool tcp) {
        queries.push_back(dns::parse_message(octets).message);
        return answer ? answer(queries.back(), tcp) : std::nullopt;
    }

    asio::awaitable<void> serve_udp() {
        while (true) {
            std::array<char, 4096> buffer;
            auto const [error, count] = co_await udp_.async_receive_from(asio::buffer(buffer), client, awaited);
            if (error) co_return;
            if (auto const said = answer_to({buffer.data(), count}, false)) say_to_client(*said);
        }
    }

    asio::awaitable<void> serve_tcp() {
        while (true) {
            auto [error, socket] = co_await tcp_.async_accept(awaited);
            if (error) co_return;
            asio::co_spawn(loop_.context, serve_connection(std::move(socket)), asio::detached);
        }
    }

    asio::awaitable<void> serve_connection(asio::ip::tcp::socket socket) {
        std::array<unsigned char, 2> length{};
        co_await asio::async_read(socket, asio::buffer(length), awaited);
        std::string octets(static_cast<std::size_t>(length[0]) << 8 | length[1], '\0');
        co_await asio::async_read(socket, asio::buffer(octets), awaited);
        if (auto const said = answer_to(octets, true))
            co_await asio::async_write(socket, asio::buffer(*said), awaited);
        else
            co_await asio::async_read(socket, asio::buffer(length), awaited); // until the client goes
    }

    Loop& loop_;
    asio::ip::tcp::acceptor tcp_{loop_.context};
    asio::ip::udp::socket udp_{loop_.context};
};

} // namespace postern::net
