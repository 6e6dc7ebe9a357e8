#include "dns/cache.h"

#include <algorithm>
#include <array>
#include <utility>

namespace postern::dns {

using wire::dns::parent_of;
using wire::dns::ResponseCode;

namespace {

// What the allocator adds, and the control block of a shared_ptr.
constexpr std::size_t allocation = 16, shared = 32;

// RFC 8914 §4.4, §4.20
constexpr std::uint16_t stale_answer = 3, stale_name_error = 19;

std::size_t octets_of(PreparedAnswer const& answer) {
    return shared + sizeof answer + allocation + answer.octets.capacity() + allocation +
           answer.times.capacity() * sizeof(std::uint16_t) +
           (answer.error ? allocation + answer.error->text.capacity() : 0);
}

// Roughly: what is read takes some times what it takes on the wire.
std::size_t octets_of(wire::dns::Message const& message) {
    constexpr std::size_t record = sizeof(wire::dns::Record) + 4 * allocation + 64;
    return sizeof message + (message.answers.size() + message.authorities.size()) * record;
}

} // namespace

std::size_t Cache::Hash::operator()(Sought const& sought) const {
    std::uint64_t const kind = std::uint64_t{static_cast<std::uint16_t>(sought.type)} << 3 | (sought.cut ? 4U : 0U) |
                               (sought.dnssec_ok ? 2U : 0U) | (sought.checking_disabled ? 1U : 0U);
    constexpr std::uint64_t odd = 0x9E3779B97F4A7C15; // which spreads the few kinds of one name
    return core::sip_hash(secret, sought.name) ^ kind * odd;
}

Cache::Cache(core::Random& random, std::size_t most_octets)
    : entries_(0, Hash{core::sip_key(random.bytes(sizeof(core::SipKey)))}), most_octets_(most_octets) {}

Cache::Found Cache::find(Asked const& asked, core::SteadyTime now) {
    if (auto const known = entries_.find(sought(asked)); known != entries_.end())
        if (Found found = find_entry(known->second, now); found.state != State::unknown) return found;
    return cuts_ == 0 ? Found{} : find_cut(asked, now);
}

Cache::Found Cache::find_entry(Entry& entry, core::SteadyTime now) {
    if (now < entry.until && (entry.failed == 0 || entry.failures == failures_)) {
        by_use_.splice(by_use_.end(), by_use_, by_use_.iterator_to(entry));
        entry.asked = std::min(entry.asked + 1, popular);
        bool const ends = !entry.told && entry.failed == 0 && entry.asked == popular &&
                          entry.until - now < (entry.until - entry.made) / last_part;
        entry.told = entry.told || ends;
        return {ends ? State::ending : State::known, entry.answer};
    }
    if (entry.failed != 0 || now >= entry.until + stale_span) return {}; // it goes in its turn, or is asked for again
    by_use_.splice(by_use_.end(), by_use_, by_use_.iterator_to(entry));
    make_stale(entry);
    return {now < entry.rests_until && entry.failures == failures_ ? State::resting : State::stale, entry.answer};
}

// RFC 8020 §2. What is stale is good for the name itself alone: below it there may be something by now.
Cache::Found Cache::find_cut(Asked const& asked, core::SteadyTime now) {
    Sought above = cut(asked);
    if (auto const known = entries_.find(above); known != entries_.end())
        if (Found found = find_entry(known->second, now); found.state != State::unknown) return found;
    while (!above.name.empty()) {
        above.name = parent_of(above.name);
        auto const known = entries_.find(above);
        if (known == entries_.end() || now >= known->second.until) continue;
        Entry& entry = known->second;
        by_use_.splice(by_use_.end(), by_use_, by_use_.iterator_to(entry));
        // Its octets point to its own name. What proves that this does not exist proves it of what is below.
        wire::dns::Message message = *entry.message;
        message.questions = {{wire::dns::Name::from_wire(asked.name).value(), asked.type}};
        auto answer = std::make_shared<PreparedAnswer>(prepare(message, entry.made));
        answer->error = entry.answer->error;
        return {State::known, std::move(answer)};
    }
    return {};
}

void Cache::make_stale(Entry& entry) {
    if (entry.stale) return;
    auto answer = std::make_shared<PreparedAnswer>(*entry.answer);
    answer->least_ttl = stale_ttl;
    answer->error = {answer->code == ResponseCode::name_error ? stale_name_error : stale_answer, {}};
    entry.answer = std::move(answer);
    entry.stale = true;
}

Cache::Entry& Cache::entry_for(Sought const& sought) {
    auto const known = entries_.find(sought);
    if (known != entries_.end()) {
        by_use_.splice(by_use_.end(), by_use_, by_use_.iterator_to(known->second));
        return known->second;
    }
    auto const added = entries_.try_emplace(Key(sought)).first;
    added->second.key = &added->first;
    by_use_.push_back(added->second);
    if (sought.cut) ++cuts_;
    return added->second;
}

void Cache::put_entry(Sought const& sought, std::shared_ptr<PreparedAnswer const> answer,
                      std::unique_ptr<wire::dns::Message const> message, std::chrono::seconds lifetime,
                      core::SteadyTime now) {
    Entry& entry = entry_for(sought);
    bool const positive = answer->code == ResponseCode::no_error && answer->answers > 0;
    entry.answer = std::move(answer);
    entry.message = std::move(message);
    entry.made = now;
    entry.until = now + std::clamp(lifetime, std::chrono::seconds(0), positive ? longest : longest_negative);
    entry.rests_until = {};
    entry.asked = 0;
    entry.failed = 0;
    entry.stale = entry.told = false;
    account(entry);
}

void Cache::put(Asked const& asked, std::shared_ptr<PreparedAnswer const> answer, std::chrono::seconds lifetime,
                core::SteadyTime now) {
    // What is there contradicts that there is nothing at it or above it.
    for (Sought above = cut(asked); cuts_ > 0 && answer->answers > 0; above.name = parent_of(above.name)) {
        if (auto const known = entries_.find(above); known != entries_.end()) erase(known->second);
        if (above.name.empty()) break;
    }
    put_entry(sought(asked), std::move(answer), nullptr, lifetime, now);
}

void Cache::put_cut(Asked const& asked, std::shared_ptr<PreparedAnswer const> answer, wire::dns::Message message,
                    std::chrono::seconds lifetime, core::SteadyTime now) {
    if (has_something(asked, now)) return put(asked, std::move(answer), lifetime, now);
    forget(asked); // which would be found first
    put_entry(cut(asked), std::move(answer), std::make_unique<wire::dns::Message const>(std::move(message)), lifetime,
              now);
}

// Of another type, those that names mostly have.
bool Cache::has_something(Asked const& asked, core::SteadyTime now) const {
    using wire::dns::Type;
    return std::ranges::any_of(std::array{Type::a, Type::aaaa, Type::ns, Type::mx, Type::txt}, [&](Type type) {
        Asked other = asked;
        other.type = type;
        auto const known = entries_.find(sought(other));
        return type != asked.type && known != entries_.end() && known->second.failed == 0 &&
               known->second.answer->answers > 0 && now < known->second.until;
    });
}

void Cache::forget(Asked const& asked) {
    for (Sought const& one : {sought(asked), cut(asked)})
        if (auto const known = entries_.find(one); known != entries_.end()) erase(known->second);
}

void Cache::put_failure(Asked const& asked, std::shared_ptr<PreparedAnswer const> answer, core::SteadyTime now) {
    for (Sought const& kept : {sought(asked), cut(asked)}) {
        auto const known = entries_.find(kept);
        if (known == entries_.end() || known->second.failed != 0 || now >= known->second.until + stale_span) continue;
        known->second.rests_until = now + stale_recheck;
        known->second.failures = failures_;
        return;
    }
    Entry& entry = entry_for(sought(asked));
    auto const again =
        std::min<std::chrono::seconds>(first_failure * (1U << std::min<unsigned>(entry.failed, 8)), longest_failure);
    entry.answer = std::move(answer);
    entry.message.reset();
    entry.made = now;
    entry.until = now + again;
    entry.failed = static_cast<std::uint8_t>(std::min(entry.failed + 1, 255));
    entry.failures = failures_;
    entry.stale = entry.told = false;
    account(entry);
}

void Cache::account(Entry& entry) {
    octets_ -= entry.octets;
    // The entry in its node, with the node's link and hash, and its place among the buckets.
    entry.octets = sizeof(std::pair<Key const, Entry>) + 3 * sizeof(void*) + allocation + entry.key->name.capacity() +
                   octets_of(*entry.answer) + (entry.message ? octets_of(*entry.message) : 0);
    octets_ += entry.octets;
    make_room();
}

void Cache::erase(Entry& entry) {
    octets_ -= entry.octets;
    if (entry.key->what.cut) --cuts_;
    by_use_.erase(by_use_.iterator_to(entry));
    entries_.erase(entries_.find(entry.key->sought()));
}

void Cache::make_room() {
    while (octets_ > most_octets_ && !by_use_.empty()) erase(by_use_.front());
}

void Cache::clear() {
    by_use_.clear();
    entries_.clear();
    octets_ = cuts_ = 0;
}

void Cache::set_limit(std::size_t most_octets) {
    most_octets_ = most_octets;
    make_room();
}

} // namespace postern::dns
