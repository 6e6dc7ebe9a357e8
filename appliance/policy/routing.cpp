#include "policy/routing.h"

#include <algorithm>
#include <utility>

namespace postern::policy {

namespace {

// Whether it is a domain below that one.
bool is_below(std::string_view domain, std::string_view above) {
    return domain.size() > above.size() + 1 && domain.ends_with(above) &&
           domain[domain.size() - above.size() - 1] == '.';
}

// How exactly a rule names the domain: 1 not at all, more the longer what it names; 0: it is not for it.
std::size_t exactness(std::string_view domain, RouteRule const& rule) {
    if (rule.domains.empty()) return 1;
    std::size_t best = 0;
    for (std::string const& pattern : rule.domains) {
        bool const names =
            pattern.starts_with('.') ? domain.ends_with(pattern) && domain.size() > pattern.size() : domain == pattern;
        // The domain itself counts for more than any above it, which is shorter by a label at least.
        if (names) best = std::max(best, pattern.size() + (pattern.starts_with('.') ? 1 : 2));
    }
    return best;
}

} // namespace

Route route_of(std::string_view domain, std::span<RouteRule const> rules) {
    std::size_t best = 1;
    std::vector<RouteRule const*> chosen;
    for (RouteRule const& rule : rules) {
        std::size_t const exact = exactness(domain, rule);
        if (exact < best) continue;
        if (exact > best) chosen.clear();
        best = exact;
        chosen.push_back(&rule);
    }
    std::ranges::sort(chosen, {}, [](RouteRule const* rule) { return std::pair(rule->preference, rule->relay); });
    Route route;
    for (RouteRule const* rule : chosen) route.push_back(rule->relay);
    return route;
}

bool Node::contains(std::string_view other) const { return other == domain || (and_below && is_below(other, domain)); }

bool has_own_route(std::string_view domain, std::span<RouteRule const> rules) {
    return std::ranges::any_of(rules, [&](RouteRule const& rule) { return exactness(domain, rule) > 1; });
}

bool has_own_route(Node const& node, std::span<RouteRule const> rules) {
    if (has_own_route(node.domain, rules)) return true;
    return node.and_below && std::ranges::any_of(rules, [&](RouteRule const& rule) {
               return std::ranges::any_of(rule.domains, [&](std::string_view pattern) {
                   bool const below = pattern.starts_with('.');
                   std::string_view const named = pattern.substr(below ? 1 : 0);
                   return is_below(named, node.domain) || (below && named == node.domain);
               });
           });
}

} // namespace postern::policy
