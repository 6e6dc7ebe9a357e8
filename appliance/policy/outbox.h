// What waits to leave, in the order in which it goes: small mail by its priority, then large mail by its, each in the
// order in which it came. A memory of what the store has, rebuilt at each start. Pure; one thread.
#pragma once

#include "core/clock.h"
#include "core/ids.h"
#include "policy/routing.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::policy {

// One recipient.
struct Waiting {
    core::QueueItemId id{};
    core::MessageId message{};
    std::uint64_t size = 0; // of the message, octets
    int priority = 0;       // RFC 6710: -9 to 9, the highest goes first
    core::LinkTime next_attempt{};
};

class Outbox {
public:
    // Larger than this is large mail, which goes last: what a link of 64 kbit/s carries in eight seconds.
    static constexpr std::uint64_t small = 64 * 1024;
    static constexpr std::uint64_t any_size = std::numeric_limits<std::uint64_t>::max();

    using IsUsable = std::function<bool(std::string_view relay)>;

    // All that waits is routed anew.
    void set_rules(std::vector<RouteRule> rules);

    [[nodiscard]] Route route_of(std::string_view domain) const { return policy::route_of(domain, rules_); }

    // One that is there already is put anew, wherever it was.
    void put(Waiting const& waiting, std::string_view domain);
    void remove(core::QueueItemId item);
    void clear();

    // Whose mail a server came for: what waits for there by a route of its own is due now. The relays that take it;
    // none: nothing waits.
    [[nodiscard]] std::set<std::string> hasten(Node const& node, core::LinkTime now);
    [[nodiscard]] bool has_own_route(Node const& node) const { return policy::has_own_route(node, rules_); }

    // What is to go by this relay next: recipients of one message, at most `most`; none: nothing is ready. A relay gets
    // the mail of a route where no usable one is asked before it. What was taken is out until it is put or removed.
    struct Wanted {
        std::uint64_t largest = any_size; // octets of a message; what has more is passed over
        std::string_view domain{};        // only for there, of one that is direct; empty: for anywhere
    };
    struct Taken {
        core::MessageId message{};
        std::uint64_t size = 0;
        std::vector<core::QueueItemId> items;
    };
    [[nodiscard]] std::optional<Taken> take(std::string_view relay, core::LinkTime now, std::size_t most,
                                            IsUsable const& is_usable, Wanted const& wanted);

    // Whether there is something for it to take now, and when there will be something next.
    [[nodiscard]] bool is_ready(std::string_view relay, core::LinkTime now, IsUsable const& is_usable,
                                Wanted const& wanted);
    // Of one that is direct: the domain of what is next, of those that are not busy.
    [[nodiscard]] std::optional<std::string> next_domain(std::string_view relay, core::LinkTime now,
                                                         IsUsable const& is_usable, std::uint64_t largest,
                                                         std::function<bool(std::string_view domain)> const& is_busy);
    [[nodiscard]] std::optional<core::LinkTime> next_ready(std::string_view relay) const;

    // Whether it would have something to take, in time.
    [[nodiscard]] bool has_mail(std::string_view relay, IsUsable const& is_usable) const;

    // As many as there are for it, ready or not; those that nobody takes at all.
    [[nodiscard]] std::size_t waiting(std::string_view relay) const;
    [[nodiscard]] std::size_t unroutable() const;
    [[nodiscard]] std::size_t size() const { return entries_.size(); } // without those that were taken

private:
    struct Place { // among what is ready
        std::uint8_t rank;
        core::QueueItemId id;
        friend auto operator<=>(Place const&, Place const&) = default;
    };
    struct Due { // among what is not
        core::LinkTime at;
        core::QueueItemId id;
        friend auto operator<=>(Due const&, Due const&) = default;
    };
    struct Lane { // what goes the same way
        Route route;
        std::string domain; // empty: of any
        std::set<Place> ready;
        std::set<Due> later;
    };
    struct Domain {
        Lane* lane;
        std::size_t entries = 0;
    };
    using Domains = std::map<std::string, Domain, std::less<>>;
    struct Entry {
        Waiting waiting;
        Domains::iterator domain;
    };
    using Entries = std::map<core::QueueItemId, Entry>;

    [[nodiscard]] static std::uint8_t rank(Waiting const& waiting);
    [[nodiscard]] Lane& lane_of(std::string_view domain);
    [[nodiscard]] std::set<Place>::const_iterator first_in(Lane const& lane, std::uint64_t largest) const;
    using Fits = std::function<bool(Lane const& lane)>;
    [[nodiscard]] Lane* best_lane(std::string_view relay, core::LinkTime now, IsUsable const& is_usable,
                                  std::uint64_t largest, Fits const& fits);
    [[nodiscard]] static Fits of(Wanted const& wanted);
    [[nodiscard]] static bool falls_to(std::string_view relay, Route const& route, IsUsable const& is_usable);
    void erase(Entries::iterator entry);
    void forget(Domains::iterator domain); // if nothing is for there any more
    void wake(Lane& lane, core::LinkTime now);

    std::vector<RouteRule> rules_;
    std::map<std::pair<Route, std::string>, Lane> lanes_; // by route and domain
    Domains domains_;                                     // those of the entries
    Entries entries_;
};

} // namespace postern::policy
