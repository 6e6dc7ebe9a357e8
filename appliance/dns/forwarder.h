// A caching forwarder (RFC 1035 §2.2, RFC 5625): what is not the office's is asked of name servers outside, of the one
// that answers fastest, and of the next one too as soon as that is slow. It does not wait for an internet that is away:
// what it knew is given out then although its time is over (RFC 8767), and of the rest it says at once that nobody can
// be asked (RFC 8914).
//
// The same question of several clients goes out once (RFC 5452 §5). It goes with letters in mixed case, from a port and
// with an id that nobody can guess; an answer in another case is asked for again by TCP.
#pragma once

#include "core/clock.h"
#include "core/name_server.h"
#include "core/random.h"
#include "dns/cache.h"
#include "dns/exchange.h"
#include "dns/outside.h"
#include "dns/reachability.h"
#include "dns/upstream.h"
#include "dns/upstream_answer.h"
#include "net/event.h"
#include "net/resolver_files.h"
#include "wire/dns_message.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace postern::dns {

struct ForwarderOptions {
    std::vector<core::NameServer> servers; // that the administrator names; none: those of resolv.conf
    std::size_t cache_octets = 8 * 1024 * 1024UZ;
    std::vector<wire::dns::Name> private_domains; // whose names may lead inside, with what is below them
    // At which we are asked ourselves: nobody is asked there at an address of our own.
    std::uint16_t own_port = core::NameServer{}.port;
};

// For administrators.
struct ForwarderStatus {
    struct Server {
        std::string written;                           // as in the setting dns.servers
        std::optional<std::chrono::milliseconds> time; // that it takes
        unsigned silent = 0;                           // times in a row
        std::uint64_t questions = 0, answers = 0;
        std::string trouble; // why it was silent last; empty: it answers
        bool operator==(Server const&) const = default;
    };
    std::vector<Server> servers; // the one that is asked first, first
    Reachability::State reachability = Reachability::State::there;
    std::size_t entries = 0, octets = 0; // remembered
    std::uint64_t known = 0;             // questions answered from that
    std::uint64_t asked = 0;             // that went out
    std::uint64_t stale = 0;             // answered with what was over
    std::uint64_t failed = 0;            // of which nobody could be asked, or nobody knew
};

// One executor. Outlives what runs on that: it is destroyed once nothing runs there any more.
class Forwarder final : public Outside {
public:
    static constexpr std::size_t most_servers = 8;
    static constexpr std::size_t most_questions = 256; // that are out at a time
    static constexpr unsigned most_attempts = 6;       // for one question
    static constexpr std::chrono::milliseconds deadline{5000};
    // RFC 8767 §5: how long who asked waits where something stale is there.
    static constexpr std::chrono::milliseconds client_response_time{1800};

    // Whether an address is one of ours.
    using IsOwn = std::function<bool(boost::asio::ip::address const&)>;

    // Clock, random and exchange outlive it.
    Forwarder(asio::any_io_executor executor, core::Clock const& clock, core::Random& random, Exchange& exchange,
              ForwarderOptions options, IsOwn is_own,
              std::filesystem::path resolv_conf = net::ResolverFiles{}.resolv_conf);
    ~Forwarder() override;

    [[nodiscard]] std::shared_ptr<PreparedAnswer const> known(Asked const& asked) override;
    asio::awaitable<std::shared_ptr<PreparedAnswer const>> look_up(std::string name, wire::dns::Type type,
                                                                   bool dnssec_ok, bool checking_disabled) override;

    // From now on. Other servers know other answers: what was remembered is forgotten then.
    void set_options(ForwarderOptions options);
    // The system's network is another: who was away may be there.
    void network_changed();
    [[nodiscard]] ForwarderStatus status() const;

private:
    using Answer = std::shared_ptr<PreparedAnswer const>;
    using Upstreams = std::vector<Upstream>;
    struct Flight; // a question that is out
    using FlightKey = std::tuple<std::string, wire::dns::Type, bool, bool>;

    std::shared_ptr<Flight> take_off(Asked const& asked);
    asio::awaitable<void> fly(std::shared_ptr<Flight> flight);
    asio::awaitable<void> attempt(std::shared_ptr<Flight> flight, std::size_t at);
    asio::awaitable<std::expected<wire::dns::Message, net::DnsFailure>> ask(std::shared_ptr<Upstreams> upstreams,
                                                                            std::size_t at, wire::dns::Message query);
    void land(Flight& flight);
    Answer settle(Flight& flight, core::SteadyTime now);

    void look_at_servers();
    void use_servers(std::vector<UpstreamServer> const& servers);
    void someone_answered();
    void gone_away();
    void start_probing();
    asio::awaitable<void> probe();
    asio::awaitable<void> probe_server(std::shared_ptr<Upstreams> upstreams, std::size_t at);
    [[nodiscard]] std::chrono::milliseconds slowest() const;
    [[nodiscard]] Answer nobody() const;

    asio::any_io_executor executor_;
    core::Clock const& clock_;
    core::Random& random_;
    Exchange& exchange_;
    ForwarderOptions options_;
    IsOwn is_own_;
    net::WatchedFile resolv_conf_;
    std::vector<boost::asio::ip::address> resolv_conf_servers_;
    std::optional<core::SteadyTime> looked_at_;

    std::shared_ptr<Upstreams> upstreams_ = std::make_shared<Upstreams>();
    Reachability reachability_;
    net::Event away_; // raised while nobody can be asked
    net::Event hint_; // that somebody may be there again
    bool probing_ = false;
    Cache cache_;
    std::map<FlightKey, std::shared_ptr<Flight>> flights_;
    Answer no_server_, no_way_, no_reply_, too_much_;
    std::uint64_t known_ = 0, asked_ = 0, stale_ = 0, failed_ = 0;
};

} // namespace postern::dns
