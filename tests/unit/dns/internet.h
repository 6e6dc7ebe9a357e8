// An internet of name servers, and the time that passes in it, for tests of who asks them: nothing happens until a test
// says so.
#pragma once

#include "../net/loop.h"
#include "core/clock.h"
#include "dns/exchange.h"
#include "net/event.h"
#include "records.h"

#include <chrono>
#include <expected>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace postern::dns::testing {

using namespace std::chrono_literals;

class Internet final : public Exchange, public core::Clock {
public:
    using Outcome = std::expected<Message, net::DnsFailure>;
    // Nothing: it is silent.
    using Server = std::function<std::optional<Outcome>(Message const& query, Way way)>;
    struct Question {
        core::SteadyTime at;
        std::uint16_t port;
        Way way;
        Message query;
    };

    net::Loop loop;
    std::map<std::uint16_t, Server> servers;                      // by port
    std::map<std::uint16_t, std::chrono::milliseconds> distances; // there and back; 10 ms unless it says so
    std::vector<Question> questions;                              // that went out

    // Those that are not about whether somebody is there.
    [[nodiscard]] std::vector<Question> real_questions() const {
        std::vector<Question> real;
        for (Question const& one : questions)
            if (one.query.questions.at(0).name != Name()) real.push_back(one);
        return real;
    }

    void advance(std::chrono::milliseconds by) {
        auto const end = now_ + by;
        loop.run_ready();
        while (true) {
            std::erase_if(timers_, [](auto const& timer) { return timer.second.use_count() == 1; }); // nobody waits
            auto next = timers_.end();
            for (auto timer = timers_.begin(); timer != timers_.end(); ++timer)
                if (timer->first <= end && (next == timers_.end() || timer->first < next->first)) next = timer;
            if (next == timers_.end()) break;
            now_ = std::max(now_, next->first);
            auto const timer = next->second;
            timers_.erase(next);
            timer->raise();
            loop.run_ready();
        }
        now_ = end;
    }

    [[nodiscard]] core::WallTime wall() const override { return {}; }
    [[nodiscard]] core::SteadyTime steady() const override { return now_; }
    [[nodiscard]] std::chrono::minutes offset(core::WallTime) const override { return {}; }

    asio::awaitable<Outcome> ask(UpstreamServer server, Way way, Message query) override {
        auto const port = server.endpoint.port();
        questions.push_back({now_, port, way, query});
        auto outcome = servers[port] ? servers[port](query, way) : std::nullopt;
        auto const distance = distances.contains(port) ? distances[port] : 10ms;
        auto const arrives = now_ + distance;
        if (!outcome || *outcome) co_await pause(outcome ? distance : 1000000s);
        if (!outcome || (*outcome && now_ < arrives)) // and it is not waited for any more
            co_return std::unexpected(net::DnsFailure{std::make_error_code(std::errc::operation_canceled), {}});
        co_return std::move(*outcome);
    }
    asio::awaitable<void> pause(std::chrono::milliseconds time) override {
        auto const timer = std::make_shared<net::Event>(loop.context.get_executor());
        timers_.emplace_back(now_ + time, timer);
        co_await timer->wait();
    }

    static Message reply_to(Message const& query, std::vector<Record> answers = {},
                            std::vector<Record> authorities = {}, ResponseCode code = ResponseCode::no_error) {
        Message reply = query;
        reply.response = reply.recursion_available = true;
        reply.code = code;
        reply.answers = std::move(answers);
        reply.authorities = std::move(authorities);
        return reply;
    }
    // Knows those, and that nothing else is there; within "example".
    static Server knowing(std::vector<Record> records) {
        return [records = std::move(records)](Message const& query, Way) -> std::optional<Outcome> {
            std::vector<Record> found;
            bool exists = false;
            for (Record const& record : records) {
                if (record.name != query.questions.at(0).name) continue;
                exists = true;
                if (record.type() == query.questions.at(0).type) found.push_back(record);
            }
            if (!found.empty()) return reply_to(query, std::move(found));
            return reply_to(query, {}, {soa("example")}, exists ? ResponseCode::no_error : ResponseCode::name_error);
        };
    }
    static Server saying(ResponseCode code) {
        return [code](Message const& query, Way) -> std::optional<Outcome> { return reply_to(query, {}, {}, code); };
    }
    static Server failing(std::errc code) {
        return [code](Message const&, Way) -> std::optional<Outcome> {
            return std::unexpected(net::DnsFailure{std::make_error_code(code), "cannot be asked"});
        };
    }

private:
    core::SteadyTime now_{std::chrono::hours{1000}};
    std::list<std::pair<core::SteadyTime, std::shared_ptr<net::Event>>> timers_;
};

} // namespace postern::dns::testing
