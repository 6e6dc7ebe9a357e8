#include "net/dns_connection.h"

#include "net/event.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>

namespace postern::net {

namespace asio = boost::asio;
namespace dns = wire::dns;
using asio::experimental::awaitable_operators::operator||;

namespace {

constexpr std::size_t length_octets = 2; // RFC 7766 §8: each message goes after its length

struct Pending {
    explicit Pending(asio::any_io_executor const& executor, dns::Message asked)
        : query(std::move(asked)), settled(executor) {}
    dns::Message query;
    std::optional<dns::Message> answer;
    Event settled; // or the connection is gone
};

// RFC 7830 §3: an option of zeros in the OPT record, which is the last one and has no other.
void pad(std::string& octets) {
    constexpr std::size_t block = 128, option_head = 4; // RFC 8467 §4.1
    constexpr std::uint16_t padding_option = 12;
    std::size_t const zeros = (block - (octets.size() + option_head) % block) % block;
    auto const number = [](std::size_t value) {
        return std::string{static_cast<char>(value >> 8), static_cast<char>(value)};
    };
    octets.replace(octets.size() - 2, 2, number(option_head + zeros));
    octets += number(padding_option) + number(zeros) + std::string(zeros, '\0');
}

} // namespace

// One connection from being dialled to its end; shared with the coroutines that run it.
struct DnsConnection::Link {
    explicit Link(asio::any_io_executor const& executor) : changed(executor), idle(executor, idle_time) {}

    std::unique_ptr<Stream> stream;                            // once it is connected
    std::map<std::uint16_t, std::shared_ptr<Pending>> pending; // by id
    std::string unsent;
    Event changed;                               // there is something to send, or it is finished
    asio::steady_timer idle;                     // until it is closed
    std::chrono::steady_clock::time_point heard; // from the server, for the last time
    bool answered = false;                       // that it was at all
    bool finished = false;
    DnsFailure failure;

    void finish(DnsFailure why) {
        if (finished) return;
        finished = true;
        failure = std::move(why);
        for (auto const& [id, one] : pending) one->settled.raise();
        pending.clear();
        idle.cancel();
        changed.raise();
        if (stream) stream->cancel();
    }
};

DnsConnection::DnsConnection(asio::any_io_executor executor, core::Random& random, Dial dial, bool padded)
    : executor_(std::move(executor)), random_(random), dial_(std::move(dial)), padded_(padded) {}

DnsConnection::~DnsConnection() {
    if (link_) link_->finish({});
}

std::shared_ptr<DnsConnection::Link> DnsConnection::link() {
    if (!link_ || link_->finished) {
        link_ = std::make_shared<Link>(executor_);
        asio::co_spawn(executor_, run(link_, dial_), asio::detached);
    }
    return link_;
}

asio::awaitable<std::expected<dns::Message, DnsFailure>> DnsConnection::ask(dns::Message query) {
    auto const first = link();
    bool const was_in_use = first->answered;
    auto answer = co_await ask_once(first, query);
    bool const called_off = (co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none;
    if (!answer && was_in_use && first->finished && !called_off) answer = co_await ask_once(link(), std::move(query));
    co_return answer;
}

asio::awaitable<std::expected<dns::Message, DnsFailure>> DnsConnection::ask_once(std::shared_ptr<Link> link,
                                                                                 dns::Message query) {
    if (link->pending.size() >= most_questions)
        co_return std::unexpected(DnsFailure{{}, "has too many questions of ours already"});
    do random_.fill(std::as_writable_bytes(std::span(&query.id, 1)));
    while (link->pending.contains(query.id));
    auto const id = query.id;
    auto const asked_at = std::chrono::steady_clock::now();
    auto const pending = std::make_shared<Pending>(executor_, std::move(query));
    std::string octets = dns::format(pending->query);
    if (padded_ && pending->query.edns) pad(octets);
    link->pending.emplace(id, pending);
    link->unsent += {static_cast<char>(octets.size() >> 8), static_cast<char>(octets.size())};
    link->unsent += octets;
    link->changed.raise();
    co_await pending->settled.wait();
    if (pending->answer) co_return std::move(*pending->answer);
    // What is not waited for any more may be answered still, and goes nowhere then.
    if (!link->finished) {
        link->pending.erase(id);
        // Nothing at all came meanwhile: what is asked next need not find out again that nobody is there.
        if (std::chrono::steady_clock::now() - std::max(link->heard, asked_at) >= silence)
            link->finish({std::make_error_code(std::errc::timed_out), "does not answer"});
    }
    co_return std::unexpected(link->failure);
}

asio::awaitable<void> DnsConnection::run(std::shared_ptr<Link> link, Dial dial) {
    asio::steady_timer timer(co_await asio::this_coro::executor, dial_time);
    auto dialed = co_await (dial() || timer.async_wait(asio::as_tuple(asio::use_awaitable)));
    auto* const stream = std::get_if<0>(&dialed);
    if (stream == nullptr)
        co_return link->finish({std::make_error_code(std::errc::timed_out), "does not answer by TCP"});
    if (!*stream) co_return link->finish(std::move(stream->error()));
    if (link->finished) co_return;
    link->stream = std::move(**stream);
    asio::co_spawn(timer.get_executor(), send(link), asio::detached);
    asio::co_spawn(timer.get_executor(), close_when_idle(link), asio::detached);
    link->finish(co_await receive(link));
}

asio::awaitable<void> DnsConnection::send(std::shared_ptr<Link> link) {
    while (!link->finished) {
        link->changed.clear();
        std::string const octets = std::exchange(link->unsent, {});
        if (octets.empty())
            co_await link->changed.wait();
        else if (auto const error = co_await link->stream->write_all(octets))
            link->finish({error, "breaks off"});
    }
}

asio::awaitable<void> DnsConnection::close_when_idle(std::shared_ptr<Link> link) {
    while (!link->finished) {
        auto const [called_off] = co_await link->idle.async_wait(asio::as_tuple(asio::use_awaitable));
        if (called_off) continue;
        if (link->pending.empty()) link->finish({});
        link->idle.expires_after(idle_time);
    }
}

// Until it ends.
asio::awaitable<DnsFailure> DnsConnection::receive(std::shared_ptr<Link> link) {
    std::string received;
    while (!link->finished) {
        std::array<char, 4096> buffer;
        auto const count = co_await link->stream->read_some(buffer);
        if (!count) co_return DnsFailure{count.error(), "breaks off"};
        if (*count == 0) break;
        received.append(buffer.data(), *count);
        link->heard = std::chrono::steady_clock::now();
        while (received.size() >= length_octets) {
            std::size_t const length = static_cast<std::size_t>(static_cast<unsigned char>(received[0])) << 8 |
                                       static_cast<unsigned char>(received[1]);
            if (received.size() < length_octets + length) break;
            auto [outcome, message] = dns::parse_message(std::string_view(received).substr(length_octets, length));
            received.erase(0, length_octets + length);
            auto const asked = link->pending.find(message.id);
            if (asked == link->pending.end()) continue; // an answer that nobody waits for any more
            auto const one = asked->second;
            if (outcome != dns::Reading::message || message.truncated || !is_answer(message, one->query))
                co_return DnsFailure{{}, "says what is no answer"};
            link->answered = true;
            link->pending.erase(asked);
            one->answer = std::move(message);
            one->settled.raise();
            link->idle.expires_after(idle_time);
        }
    }
    co_return DnsFailure{std::make_error_code(std::errc::connection_reset), "breaks off"};
}

} // namespace postern::net
