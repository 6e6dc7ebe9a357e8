// Which relays take mail for a domain: the administrator's rules, looked up when mail is sent, so that new ones apply
// to what waits already. Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::policy {

struct RouteRule {
    std::string relay;
    // What it is for: "example.org" that domain alone, ".example.org" every domain below it; empty: any.
    std::vector<std::string> domains;
    std::uint32_t preference = 0; // the lowest is asked first
    bool direct = false;          // it is no relay: mail goes to each domain's own servers
};

// Names of relays, in the order in which they are asked; none: mail for there has to wait.
using Route = std::vector<std::string>;

// The relays that say most exactly that they are for `domain` (in lower case, A-labels), and no others: who names a
// domain does not want its mail to leave another way.
[[nodiscard]] Route route_of(std::string_view domain, std::span<RouteRule const> rules);

// Whose mail a server elsewhere comes for (RFC 1985 §5).
struct Node {
    std::string domain; // as in route_of()
    bool and_below = false;

    [[nodiscard]] bool contains(std::string_view other) const;
};

// Whether there are rules that name the domain, or one above it: not just any relay is for it.
[[nodiscard]] bool has_own_route(std::string_view domain, std::span<RouteRule const> rules);
// Whether there are for some of its domains.
[[nodiscard]] bool has_own_route(Node const& node, std::span<RouteRule const> rules);

} // namespace postern::policy
