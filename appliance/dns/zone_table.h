// The answers to whatever is asked of our own zones, each made in advance and found by one look-up of its name (RFC
// 1034 §4.3.2, without delegations). Does not change; any thread.
//
// - A name that has something below it exists (RFC 4592 §2.2.2); one that does not exist has nothing below it (RFC
// 8020).
// - Negative answers carry the zone's SOA, whose time to live is that of the negative answer (RFC 2308 §3).
// - An alias is followed as far as our own zones go.
// - What is additional to an answer is the addresses of those whom it names, where we have them.
// - ANY gets one set of records, and there is no transfer of zones (RFC 8482 §4.1).
#pragma once

#include "dns/ip_address.h"
#include "dns/prepared_answer.h"
#include "dns/zone.h"
#include "wire/dns_message.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace postern::dns {

class ZoneTable {
public:
    // Where several of `box`, its own addresses, are an answer, that by which the client reached the box comes first.
    // A zone that another one has as well, in its place, is passed over: the first counts.
    ZoneTable(std::vector<Zone> const& zones, std::vector<IpAddress> const& box);

    struct Found {
        PreparedAnswer const* answer = nullptr;         // null: it is not ours to answer
        wire::dns::Name const* leads_outside = nullptr; // where the alias in the answer leads, which we do not know
    };
    // `name` is a FoldedName's. Good as long as the table is.
    [[nodiscard]] Found find(std::string_view name, wire::dns::Type type, IpAddress const& reached_at) const;

    [[nodiscard]] std::size_t names() const { return nodes_.size(); }

private:
    class Builder;
    using Shared = std::shared_ptr<PreparedAnswer const>;

    struct Typed {
        wire::dns::Type type{};
        Shared answer; // null: it is asked outside
        std::vector<std::pair<IpAddress, Shared>> by_address;
    };
    struct Node {
        std::vector<Typed> typed;
        Shared other; // to every other type; null: it is asked outside
        std::optional<wire::dns::Name> leads_outside;
        Shared below;            // to what has no node of its own below it; null: it is asked outside
        bool same_below = false; // that is what this node says itself
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
    };

    [[nodiscard]] static Found in(Node const& node, wire::dns::Type type, IpAddress const& reached_at);

    std::unordered_map<std::string, Node, Hash, std::equal_to<>> nodes_; // by folded name
};

} // namespace postern::dns
