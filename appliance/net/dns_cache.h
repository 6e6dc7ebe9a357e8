// What name servers answered, for as long as they let it be remembered; never more than so many answers. One thread.
#pragma once

#include "core/clock.h"
#include "wire/dns_answer.h"

#include <chrono>
#include <compare>
#include <cstddef>
#include <map>
#include <optional>

namespace postern::net {

class DnsCache {
public:
    // RFC 2308 §5 suggests one to three hours; but whoever mends a zone does not want to wait for us.
    static constexpr std::chrono::seconds longest_negative = std::chrono::minutes{15};
    static constexpr std::chrono::seconds longest = std::chrono::days{1};

    explicit DnsCache(std::size_t most_answers) : most_(most_answers) {}

    [[nodiscard]] std::optional<wire::dns::Answer> find(wire::dns::Question const& question,
                                                        core::SteadyTime now) const;
    // Does nothing with what has no lifetime. Where there is no room, what would be forgotten first makes some.
    void put(wire::dns::Question const& question, wire::dns::Answer answer, core::SteadyTime now);
    void clear() { entries_.clear(); }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

private:
    struct Entry {
        wire::dns::Answer answer;
        core::SteadyTime until;
    };
    struct Before {
        bool operator()(wire::dns::Question const& a, wire::dns::Question const& b) const;
    };

    std::size_t most_;
    std::map<wire::dns::Question, Entry, Before> entries_;
};

} // namespace postern::net
