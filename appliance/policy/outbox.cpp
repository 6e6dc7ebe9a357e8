#include "policy/outbox.h"

#include <algorithm>
#include <utility>

namespace postern::policy {

// Large mail after all that is small, whatever its priority: it would hold the link for minutes.
std::uint8_t Outbox::rank(Waiting const& waiting) {
    constexpr int highest = 9, levels = 19;
    int const place = highest - waiting.priority;
    return static_cast<std::uint8_t>(waiting.size <= small ? place : place + levels);
}

Outbox::Lane& Outbox::lane_of(std::string_view domain) {
    Route route = route_of(domain);
    // Where a server of the domain's own may be asked, what is for there has a lane for itself.
    bool const apart = std::ranges::any_of(
        rules_, [&](RouteRule const& rule) { return rule.direct && std::ranges::contains(route, rule.relay); });
    std::string const own(apart ? domain : std::string_view());
    auto const [at, made] = lanes_.try_emplace({route, own});
    if (made) at->second = Lane{std::move(route), own, {}, {}};
    return at->second;
}

void Outbox::set_rules(std::vector<RouteRule> rules) {
    rules_ = std::move(rules);
    lanes_.clear();
    for (auto& [name, domain] : domains_) domain.lane = &lane_of(name);
    for (auto& [id, entry] : entries_) entry.domain->second.lane->later.insert({entry.waiting.next_attempt, id});
}

void Outbox::put(Waiting const& waiting, std::string_view name) {
    remove(waiting.id);
    auto domain = domains_.find(name);
    if (domain == domains_.end()) domain = domains_.emplace(name, Domain{&lane_of(name)}).first;
    ++domain->second.entries;
    entries_.emplace(waiting.id, Entry{waiting, domain});
    domain->second.lane->later.insert({waiting.next_attempt, waiting.id}); // take() finds out what is due
}

void Outbox::remove(core::QueueItemId item) {
    auto const entry = entries_.find(item);
    if (entry == entries_.end()) return;
    auto const domain = entry->second.domain;
    erase(entry);
    forget(domain);
}

void Outbox::clear() {
    entries_.clear();
    domains_.clear();
    lanes_.clear();
}

std::set<std::string> Outbox::hasten(Node const& node, core::LinkTime now) {
    std::set<std::string> relays;
    std::set<Domain const*> asked;
    for (auto const& [name, domain] : domains_) {
        if (!node.contains(name) || !policy::has_own_route(name, rules_)) continue;
        asked.insert(&domain);
        relays.insert(domain.lane->route.begin(), domain.lane->route.end());
    }
    if (asked.empty()) return relays;
    for (auto& [id, entry] : entries_) {
        Domain const& domain = entry.domain->second;
        if (entry.waiting.next_attempt <= now || !asked.contains(&domain)) continue;
        if (domain.lane->later.erase({entry.waiting.next_attempt, id}) > 0) domain.lane->later.insert({now, id});
        entry.waiting.next_attempt = now;
    }
    return relays;
}

void Outbox::erase(Entries::iterator entry) {
    auto const& [id, waiting] = std::pair(entry->first, entry->second.waiting);
    auto const domain = entry->second.domain;
    domain->second.lane->later.erase({waiting.next_attempt, id});
    domain->second.lane->ready.erase({rank(waiting), id});
    entries_.erase(entry);
    --domain->second.entries;
}

void Outbox::forget(Domains::iterator domain) {
    if (domain->second.entries > 0) return;
    Lane const& lane = *domain->second.lane;
    if (!lane.domain.empty()) lanes_.erase({lane.route, lane.domain});
    domains_.erase(domain);
}

void Outbox::wake(Lane& lane, core::LinkTime now) {
    while (!lane.later.empty() && lane.later.begin()->at <= now) {
        auto const id = lane.later.begin()->id;
        lane.later.erase(lane.later.begin());
        lane.ready.insert({rank(entries_.at(id).waiting), id});
    }
}

// Whether no usable relay is asked before it.
bool Outbox::falls_to(std::string_view relay, Route const& route, IsUsable const& is_usable) {
    auto const first =
        std::ranges::find_if(route, [&](std::string const& one) { return one == relay || is_usable(one); });
    return first != route.end() && *first == relay;
}

std::set<Outbox::Place>::const_iterator Outbox::first_in(Lane const& lane, std::uint64_t largest) const {
    return std::ranges::find_if(lane.ready, [&](Place const& place) {
        return largest == any_size || entries_.at(place.id).waiting.size <= largest;
    });
}

// Of those whose mail falls to the relay, the one with the most urgent.
Outbox::Lane* Outbox::best_lane(std::string_view relay, core::LinkTime now, IsUsable const& is_usable,
                                std::uint64_t largest, Fits const& fits) {
    Lane* best = nullptr;
    Place first{};
    for (auto& [way, lane] : lanes_) {
        if (!falls_to(relay, lane.route, is_usable) || !fits(lane)) continue;
        wake(lane, now);
        auto const place = first_in(lane, largest);
        if (place == lane.ready.end() || (best != nullptr && first < *place)) continue;
        best = &lane;
        first = *place;
    }
    return best;
}

Outbox::Fits Outbox::of(Wanted const& wanted) {
    return [domain = wanted.domain](Lane const& lane) { return domain.empty() || lane.domain == domain; };
}

std::optional<Outbox::Taken> Outbox::take(std::string_view relay, core::LinkTime now, std::size_t most,
                                          IsUsable const& is_usable, Wanted const& wanted) {
    Lane* const lane = best_lane(relay, now, is_usable, wanted.largest, of(wanted));
    if (lane == nullptr) return std::nullopt;
    Taken taken;
    std::vector<Domains::iterator> domains;
    // The recipients of a message were queued one after the other and rank alike, so they stand side by side.
    for (auto place = first_in(*lane, wanted.largest); place != lane->ready.end() && taken.items.size() < most;) {
        auto const entry = entries_.find((place++)->id);
        Waiting const waiting = entry->second.waiting;
        if (!taken.items.empty() && waiting.message != taken.message) break;
        taken.message = waiting.message;
        taken.size = waiting.size;
        taken.items.push_back(waiting.id);
        if (!std::ranges::contains(domains, entry->second.domain)) domains.push_back(entry->second.domain);
        erase(entry);
    }
    for (auto const domain : domains) forget(domain);
    return taken;
}

bool Outbox::is_ready(std::string_view relay, core::LinkTime now, IsUsable const& is_usable, Wanted const& wanted) {
    return best_lane(relay, now, is_usable, wanted.largest, of(wanted)) != nullptr;
}

std::optional<std::string> Outbox::next_domain(std::string_view relay, core::LinkTime now, IsUsable const& is_usable,
                                               std::uint64_t largest,
                                               std::function<bool(std::string_view domain)> const& is_busy) {
    auto const* lane = best_lane(relay, now, is_usable, largest, [&](Lane const& one) { return !is_busy(one.domain); });
    return lane == nullptr ? std::nullopt : std::optional(lane->domain);
}

bool Outbox::has_mail(std::string_view relay, IsUsable const& is_usable) const {
    return std::ranges::any_of(lanes_, [&](auto const& one) {
        Lane const& lane = one.second;
        return falls_to(relay, lane.route, is_usable) && (!lane.ready.empty() || !lane.later.empty());
    });
}

std::optional<core::LinkTime> Outbox::next_ready(std::string_view relay) const {
    std::optional<core::LinkTime> next;
    for (auto const& [way, lane] : lanes_)
        if (std::ranges::contains(lane.route, relay) && !lane.later.empty())
            next = std::min(next.value_or(core::LinkTime::max()), lane.later.begin()->at);
    return next;
}

std::size_t Outbox::waiting(std::string_view relay) const {
    std::size_t count = 0;
    for (auto const& [way, lane] : lanes_)
        if (std::ranges::contains(lane.route, relay)) count += lane.ready.size() + lane.later.size();
    return count;
}

std::size_t Outbox::unroutable() const {
    auto const lane = lanes_.find(std::pair(Route{}, std::string()));
    return lane == lanes_.end() ? 0 : lane->second.ready.size() + lane->second.later.size();
}

} // namespace postern::policy
