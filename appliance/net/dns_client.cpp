#include "net/dns_client.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstring>
#include <format>
#include <optional>
#include <span>
#include <variant>

namespace postern::net {

namespace asio = boost::asio;
namespace dns = wire::dns;
using asio::experimental::awaitable_operators::operator||;

namespace {

constexpr auto awaited = asio::as_tuple(asio::use_awaitable);

using Asked = std::expected<dns::Message, std::string>;

std::string reason(boost::system::error_code const& error) {
    return std::format("cannot be asked: {}", error.message());
}
std::unexpected<std::string> failure(boost::system::error_code const& error) { return std::unexpected(reason(error)); }
std::unexpected<DnsFailure> dns_failure(boost::system::error_code const& error) {
    return std::unexpected(DnsFailure{error, reason(error)});
}

} // namespace

bool is_answer(dns::Message const& message, dns::Message const& query) {
    if (!message.response || message.id != query.id || message.opcode != query.opcode) return false;
    return message.questions == query.questions ||
           (message.questions.empty() && message.code != dns::ResponseCode::no_error);
}

asio::awaitable<std::expected<dns::Message, DnsFailure>> ask_by_udp(asio::ip::udp::endpoint server,
                                                                    dns::Message query) {
    asio::ip::udp::socket socket(co_await asio::this_coro::executor);
    boost::system::error_code error;
    // What is connected hears nobody else; the kernel gives it a port by chance (RFC 6056 §3.3.1).
    socket.open(server.protocol(), error);
    if (!error) socket.connect(server, error);
    if (error) co_return dns_failure(error);
    std::string const octets = dns::format(query);
    if (auto const [unsent, count] = co_await socket.async_send(asio::buffer(octets), awaited); unsent)
        co_return dns_failure(unsent);
    while (true) {
        std::array<char, 4096> buffer;
        auto const [lost, count] = co_await socket.async_receive(asio::buffer(buffer), awaited);
        if (lost) co_return dns_failure(lost);
        auto [outcome, message] = dns::parse_message({buffer.data(), count});
        if (!is_answer(message, query)) continue; // somebody may be guessing, and the true answer still to come
        if (outcome == dns::Reading::malformed && !message.truncated)
            co_return std::unexpected(DnsFailure{{}, "says what is no answer"});
        co_return std::move(message);
    }
}

namespace {

asio::awaitable<Asked> over_udp(asio::ip::udp::endpoint server, dns::Message const& query) {
    auto answer = co_await ask_by_udp(server, query);
    if (answer) co_return std::move(*answer);
    co_return std::unexpected(std::move(answer.error().reason));
}

// RFC 7766 §8: each message goes after its length in two octets.
asio::awaitable<Asked> over_tcp(asio::ip::tcp::endpoint server, dns::Message const& query) {
    asio::ip::tcp::socket socket(co_await asio::this_coro::executor);
    if (auto const [error] = co_await socket.async_connect(server, awaited); error) co_return failure(error);
    std::string octets = dns::format(query);
    octets.insert(0, {static_cast<char>(octets.size() >> 8), static_cast<char>(octets.size())});
    if (auto const [error, count] = co_await asio::async_write(socket, asio::buffer(octets), awaited); error)
        co_return failure(error);
    std::array<unsigned char, 2> length{};
    if (auto const [error, count] = co_await asio::async_read(socket, asio::buffer(length), awaited); error)
        co_return std::unexpected("breaks off");
    octets.resize(static_cast<std::size_t>(length[0]) << 8 | length[1]);
    if (auto const [error, count] = co_await asio::async_read(socket, asio::buffer(octets), awaited); error)
        co_return std::unexpected("breaks off");
    auto [outcome, message] = dns::parse_message(octets);
    if (outcome != dns::Reading::message || !is_answer(message, query) || message.truncated)
        co_return std::unexpected("says what is no answer");
    co_return std::move(message);
}

asio::awaitable<Asked> within(std::chrono::seconds timeout, asio::awaitable<Asked> asking) {
    asio::steady_timer timer(co_await asio::this_coro::executor, timeout);
    auto asked = co_await (std::move(asking) || timer.async_wait(awaited));
    if (auto* const answer = std::get_if<0>(&asked)) co_return std::move(*answer);
    co_return std::unexpected("does not answer");
}

asio::awaitable<Asked> ask(asio::ip::udp::endpoint server, dns::Message const& query, std::chrono::seconds timeout) {
    auto answer = co_await within(timeout, over_udp(server, query));
    if (answer && answer->truncated)
        answer = co_await within(timeout, over_tcp({server.address(), server.port()}, query));
    co_return answer;
}

} // namespace

asio::awaitable<Asked> ask_name_server(asio::ip::udp::endpoint server, dns::Question question, core::Random& random,
                                       std::chrono::seconds timeout) {
    dns::Message query;
    random.fill(std::as_writable_bytes(std::span(&query.id, 1)));
    query.recursion_desired = true;
    query.questions = {std::move(question)};
    query.edns = dns::Edns{.payload_size = dns_payload_size, .errors = {}};
    auto answer = co_await ask(server, query, timeout);
    // RFC 6891 §7: one that knows no EDNS.
    if (answer && answer->code == dns::ResponseCode::format_error) {
        query.edns.reset();
        random.fill(std::as_writable_bytes(std::span(&query.id, 1)));
        answer = co_await ask(server, query, timeout);
    }
    co_return answer;
}

} // namespace postern::net
