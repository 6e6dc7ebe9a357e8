// The answers to whatever is asked of our own zones, each made in advance and found by one look-up of its name (RFC
// 1034 §4.3.2, without delegations). Does not change; any thread.
//
// - A name that has something below it exists (RFC 4592 §2.2.2); one that does not exist has nothing below it (RFC
// 8020).
// - A wildcard, "*.web.office.lan", answers for all names below web.office.lan that do not exist (RFC 4592 §3.3.1), in
//   a zone that is in the internet as well for those that only the internet has, too: whoever adds one wants all of
//   them to lead where he says. Of such a name, as of any other, the types that are not there are asked outside.
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
    ZoneTable(ZoneTable const&) = delete;
    ZoneTable& operator=(ZoneTable const&) = delete;

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
        // What has no node of its own below it gets what this one says, a wildcard's or its own; else `no_name`.
        // Neither: it is asked outside.
        Node const* below = nullptr;
        Shared no_name;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
    };
    using Nodes = std::unordered_map<std::string, Node, Hash, std::equal_to<>>; // by folded name

    [[nodiscard]] static Found in(Node const& node, wire::dns::Type type, IpAddress const& reached_at);

    Nodes nodes_;
};

} // namespace postern::dns
