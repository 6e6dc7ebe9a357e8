#include "net/dns_cache.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace postern::net {

using wire::dns::Answer;
using wire::dns::Question;

bool DnsCache::Before::operator()(Question const& a, Question const& b) const {
    return std::tie(a.type, a.of_class, a.name) < std::tie(b.type, b.of_class, b.name);
}

std::optional<Answer> DnsCache::find(Question const& question, core::SteadyTime now) const {
    auto const found = entries_.find(question);
    if (found == entries_.end() || found->second.until <= now) return std::nullopt;
    return found->second.answer;
}

void DnsCache::put(Question const& question, Answer answer, core::SteadyTime now) {
    if (!answer.lifetime) return;
    bool const positive = answer.finding == wire::dns::Finding::records;
    auto const lifetime = std::min(*answer.lifetime, positive ? longest : longest_negative);
    if (lifetime <= std::chrono::seconds::zero()) return;
    entries_.insert_or_assign(question, Entry{std::move(answer), now + lifetime});
    if (entries_.size() > most_)
        entries_.erase(std::ranges::min_element(entries_, {}, [](auto const& known) { return known.second.until; }));
}

} // namespace postern::net
