// What a query gets for an answer, and whether it gets one, by whichever transport it came: the rules of a name server
// for one office (RFC 1034, 1035, 2181, 2308, 6891, 7828, 7873, 8482). One thread.
//
// - Only clients near by are answered, others are refused in as few octets as they asked in: what answers everybody is
//   what strangers aim at others (RFC 5358).
// - Ours is what a zone has; the rest is asked outside, if the client wants that (RD), a bounded number of queries at a
//   time.
// - Over UDP nothing is larger than 1232 octets, and what may not have been asked for is limited (rate_limit.h).
#pragma once

#include "core/clock.h"
#include "core/random.h"
#include "dns/cookie.h"
#include "dns/ip_address.h"
#include "dns/outside.h"
#include "dns/rate_limit.h"
#include "dns/zone_table.h"
#include "wire/dns_query.h"

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::dns {

struct Client {
    IpAddress address;
    IpAddress reached_at; // of ours
    bool over_tcp = false;
    std::optional<std::chrono::milliseconds> idle_limit{}; // of its TCP connection
};

class Responder {
public:
    struct Rules {
        std::vector<IpNetwork> networks; // whose clients are answered, besides private ones
        unsigned rate = 0;               // rate_limit.h
        std::size_t waiting = 0;         // queries that may wait for somebody outside, and of one client
        std::size_t waiting_of_one = 0;
    };

    // All of them outlive it.
    Responder(core::Clock const& clock, core::Random& random, Outside& outside);

    void set_zones(std::shared_ptr<ZoneTable const> zones) { zones_ = std::move(zones); }
    void set_rules(Rules rules);

    [[nodiscard]] bool may_ask(IpAddress const& client) const;

    // A query that waits for somebody outside, and is counted as long as this is there.
    struct Waiting;
    struct Said {
        std::size_t octets = 0;         // none: it gets no answer now
        std::shared_ptr<Waiting> later; // somebody outside has to be asked: look_up()
    };
    // Writes to `out`, which has room for tcp_limit octets or, over UDP, for udp_payload.
    [[nodiscard]] Said answer(std::string_view query, Client const& client, std::span<char> out);
    // The answer to one of which answer() said so.
    asio::awaitable<std::string> look_up(std::shared_ptr<Waiting> waiting, std::string query, Client client);

    struct Counts {
        std::uint64_t queries = 0, // all that came
            refused = 0,           // of who is not near by
            outside = 0,           // that were not of a zone of ours
            left_away = 0;         // beyond a limit
        std::size_t waiting = 0;
    };
    // Any thread.
    [[nodiscard]] Counts counts() const;

private:
    [[nodiscard]] bool has_room(IpAddress const& client) const;
    void leave_away(IpAddress const& client);

    core::Clock const& clock_;
    Outside& outside_;
    CookieJar cookies_;
    RateLimit rate_limit_;
    Rules rules_;
    std::shared_ptr<ZoneTable const> zones_;
    std::map<IpAddress, std::size_t> waiting_; // queries of each client
    std::atomic<std::uint64_t> queries_ = 0, refused_ = 0, outside_queries_ = 0, left_away_ = 0;
    std::atomic<std::size_t> waiting_count_ = 0;
    std::uint64_t told_ = 0; // of what was left away, to the log
    core::SteadyTime told_at_{};
};

} // namespace postern::dns
