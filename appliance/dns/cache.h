// What name servers outside answered, as it goes out again, for as long as they let it be remembered, and some days
// longer for when nobody can be asked (RFC 8767). Names that do not exist take with them what would be below them
// (RFC 8020), and what could not be found out is not asked for again at once (RFC 9520). Never more than so many
// octets: what was not asked for longest goes first.
#pragma once

#include "core/clock.h"
#include "core/random.h"
#include "core/sip_hash.h"
#include "dns/outside.h"
#include "dns/prepared_answer.h"
#include "wire/dns_message.h"

#include <boost/intrusive/list.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace postern::dns {

// One thread.
class Cache {
public:
    // RFC 8767 §4 suggests a week at most, and to take more for a mistake.
    static constexpr std::chrono::seconds longest = std::chrono::days{1};
    // RFC 2308 §5 suggests one to three hours; but whoever mends a zone does not want to wait for us.
    static constexpr std::chrono::seconds longest_negative = std::chrono::minutes{15};
    // RFC 8767 §5: how much longer it is kept, what is said of it then, and how soon it is asked for again in vain.
    static constexpr std::chrono::seconds stale_span = std::chrono::days{3};
    static constexpr wire::dns::Seconds stale_ttl{30};
    static constexpr std::chrono::seconds stale_recheck{30};
    // RFC 9520 §3.2: from one second to five minutes; each failure in a row doubles it.
    static constexpr std::chrono::seconds first_failure{2};
    static constexpr std::chrono::seconds longest_failure{60};
    // Of how often it was asked for since it came, and of what is left of its time, for it to be asked for before it
    // ends.
    static constexpr unsigned popular = 3;
    static constexpr int last_part = 10; // the last tenth

    Cache(core::Random& random, std::size_t most_octets);
    Cache(Cache const&) = delete;
    Cache& operator=(Cache const&) = delete;

    enum class State : std::uint8_t {
        unknown,
        known,  // or known to have failed a moment ago
        ending, // known, often asked for, and soon over: told once
        stale,  // its time is over
        resting // and it was asked for a moment ago in vain
    };
    struct Found {
        State state = State::unknown;
        std::shared_ptr<PreparedAnswer const> answer; // null: unknown
    };
    // Takes memory only for what is below a name that does not exist, and for what becomes stale.
    [[nodiscard]] Found find(Asked const& asked, core::SteadyTime now);

    // `lifetime` is bounded here; zero: it is only good for when nobody can be asked.
    void put(Asked const& asked, std::shared_ptr<PreparedAnswer const> answer, std::chrono::seconds lifetime,
             core::SteadyTime now);
    // The name does not exist, of whatever type, nor does anything below it, unless we know better. `message` is what
    // says so.
    void put_cut(Asked const& asked, std::shared_ptr<PreparedAnswer const> answer, wire::dns::Message message,
                 std::chrono::seconds lifetime, core::SteadyTime now);
    // It could not be found out. What is stale stays.
    void put_failure(Asked const& asked, std::shared_ptr<PreparedAnswer const> answer, core::SteadyTime now);
    void forget(Asked const& asked);
    // What failed may go better now.
    void forget_failures() { ++failures_; }
    void clear();
    void set_limit(std::size_t most_octets);

    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    [[nodiscard]] std::size_t octets() const { return octets_; }

private:
    // What an entry is of. A name that does not exist has one for all types.
    struct Sought {
        std::string_view name;
        wire::dns::Type type;
        bool dnssec_ok;
        bool checking_disabled;
        bool cut = false;
        bool operator==(Sought const&) const = default;
    };
    static Sought sought(Asked const& asked) {
        return {asked.name, asked.type, asked.dnssec_ok, asked.checking_disabled};
    }
    static Sought cut(Asked const& asked) { return {asked.name, {}, asked.dnssec_ok, asked.checking_disabled, true}; }
    struct Key {
        explicit Key(Sought const& of) : name(of.name), what(of) { what.name = {}; }
        [[nodiscard]] Sought sought() const {
            Sought whole = what;
            whole.name = name;
            return whole;
        }
        std::string name;
        Sought what; // but for the name
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(Sought const& sought) const;
        std::size_t operator()(Key const& key) const { return (*this)(key.sought()); }
        core::SipKey secret; // names are chosen by strangers, who are not to know what they hash to
    };
    struct Equal {
        using is_transparent = void;
        bool operator()(Key const& a, Key const& b) const { return a.sought() == b.sought(); }
        bool operator()(Sought const& a, Key const& b) const { return a == b.sought(); }
        bool operator()(Key const& a, Sought const& b) const { return a.sought() == b; }
    };
    struct Entry : boost::intrusive::list_base_hook<> {
        Key const* key = nullptr;
        std::shared_ptr<PreparedAnswer const> answer;      // stale: what is said then
        std::unique_ptr<wire::dns::Message const> message; // of a name that does not exist
        core::SteadyTime made, until;                      // until: fresh, or not to be asked for again after a failure
        core::SteadyTime rests_until;                      // stale, and asked for in vain
        std::size_t octets = 0;
        unsigned asked = 0;         // since it came, up to `popular`
        std::uint64_t failures = 0; // failures_ as they were when it was put, if it is one
        std::uint8_t failed = 0;    // times in a row; zero: it is an answer
        bool stale = false;
        bool told = false; // that it ends
    };
    using Entries = std::unordered_map<Key, Entry, Hash, Equal>;

    Found find_entry(Entry& entry, core::SteadyTime now);
    Found find_cut(Asked const& asked, core::SteadyTime now);
    void put_entry(Sought const& sought, std::shared_ptr<PreparedAnswer const> answer,
                   std::unique_ptr<wire::dns::Message const> message, std::chrono::seconds lifetime,
                   core::SteadyTime now);
    [[nodiscard]] bool has_something(Asked const& asked, core::SteadyTime now) const;
    Entry& entry_for(Sought const& sought);
    void account(Entry& entry);
    void erase(Entry& entry);
    void make_room();
    static void make_stale(Entry& entry);

    Entries entries_;
    boost::intrusive::list<Entry> by_use_; // the latest last
    std::size_t most_octets_;
    std::size_t octets_ = 0;
    std::size_t cuts_ = 0;
    std::uint64_t failures_ = 0;
};

} // namespace postern::dns
