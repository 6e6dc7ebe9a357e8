#include "dns/zone_table.h"

#include "text/ascii.h"
#include "wire/dns_answer.h"

#include <algorithm>
#include <iterator>
#include <map>

namespace postern::dns {

namespace {

using namespace wire::dns;

using Set = std::vector<Record>; // of one name and type

// The name without its first label; of one that has any.
std::string_view parent(std::string_view name) {
    return name.substr(1 + static_cast<std::size_t>(static_cast<unsigned char>(name.front())));
}

Name name_of(std::string_view octets) {
    Name name;
    for (; !octets.empty(); octets = parent(octets))
        name.append(octets.substr(1, static_cast<std::size_t>(static_cast<unsigned char>(octets.front()))));
    return name;
}

// Whom a record names, whose addresses who asks will want next.
Name const* host_of(Data const& data) {
    if (auto const* mx = std::get_if<Mx>(&data)) return &mx->exchange;
    if (auto const* srv = std::get_if<Srv>(&data)) return &srv->target;
    if (auto const* ns = std::get_if<Ns>(&data)) return &ns->host;
    return nullptr;
}

template <typename Number> void append_number(std::string& octets, Number value) {
    for (unsigned shift = sizeof(Number) * 8; shift > 0; shift -= 8) octets += static_cast<char>(value >> (shift - 8));
}

// An SOA whose names are written whole, so that its octets are the same behind any question.
Opaque whole_soa(Soa const& soa) {
    Opaque data{Type::soa, {}};
    for (Name const* name : {&soa.primary, &soa.mailbox}) data.octets.append(name->wire()).append(1, '\0');
    append_number(data.octets, soa.serial);
    for (Seconds const time : {soa.refresh, soa.retry, soa.expire, soa.minimum})
        append_number(data.octets, time.count());
    return data;
}

} // namespace

class ZoneTable::Builder {
public:
    Builder(std::vector<Zone> const& zones, std::vector<IpAddress> const& box) : box_(box) {
        for (Zone const& zone : zones) add_zone(zone);
        for (Zone const& zone : zones) {
            if (apexes_.at(zone.apex).zone != &zone) continue;
            for (Record const& record : zone.records) add_record(record);
            // The zone around this one knows that there is something below.
            if (!zone.apex.wire().empty()) add_ancestors(parent(zone.apex.wire()));
        }
    }

    std::unordered_map<std::string, Node, Hash, std::equal_to<>> nodes() {
        std::unordered_map<std::string, Node, Hash, std::equal_to<>> nodes;
        for (auto const& [name, sets] : names_) nodes.emplace(text::lower(name.wire()), node(name, sets));
        return nodes;
    }

private:
    using Sets = std::map<Type, Set>;
    struct Apex {
        Zone const* zone;
        Shared no_data, no_name;
    };

    void add_zone(Zone const& zone) {
        if (apexes_.contains(zone.apex)) return;
        Message message;
        message.questions = {{Name(), Type::soa}};
        message.authoritative = true;
        // RFC 2308 §3
        message.authorities = {{zone.apex, std::min(zone.ttl, zone.soa.minimum), whole_soa(zone.soa)}};
        auto const no_data = std::make_shared<PreparedAnswer const>(prepare(message, std::nullopt));
        message.code = ResponseCode::name_error;
        auto const no_name = std::make_shared<PreparedAnswer const>(prepare(message, std::nullopt));
        apexes_.emplace(zone.apex, Apex{&zone, no_data, no_name});
        Sets& sets = names_[zone.apex];
        bool const is_there = zone.kind == Zone::Kind::whole || zone.kind == Zone::Kind::split;
        if (is_there) sets[Type::soa] = {{zone.apex, zone.ttl, zone.soa}};
    }

    void add_record(Record const& record) {
        Set& set = names_[record.name][record.type()];
        if (std::ranges::contains(set, record.data, &Record::data)) return;
        set.push_back(record);
        // RFC 2181 §5.2: a set has one time to live.
        for (Record& one : set) one.ttl = set.front().ttl;
        if (!record.name.wire().empty()) add_ancestors(parent(record.name.wire()));
    }

    // Up to where somebody else begins.
    void add_ancestors(std::string_view octets) {
        if (apex_of(octets) == nullptr) return;
        for (; !octets.empty(); octets = parent(octets)) {
            Name const name = name_of(octets);
            if (!names_.try_emplace(name).second) return;
        }
    }

    // Of the zone that the name is in.
    [[nodiscard]] Apex const* apex_of(std::string_view octets) const {
        while (true) {
            if (auto const found = apexes_.find(name_of(octets)); found != apexes_.end()) return &found->second;
            if (octets.empty()) return nullptr;
            octets = parent(octets);
        }
    }

    [[nodiscard]] Set const* set_of(Name const& name, Type type) const {
        auto const sets = names_.find(name);
        if (sets == names_.end()) return nullptr;
        auto const set = sets->second.find(type);
        return set == sets->second.end() ? nullptr : &set->second;
    }

    Node node(Name const& name, Sets const& sets) {
        Apex const& apex = *apex_of(name.wire());
        bool const split = apex.zone->kind == Zone::Kind::split;
        Node node;
        node.below = split ? nullptr : apex.no_name;
        node.same_below = apex.zone->kind == Zone::Kind::same;
        if (apex.zone->kind == Zone::Kind::denied && sets.empty() && !has_below(name)) {
            node.other = apex.no_name;
            return node;
        }
        if (sets.contains(Type::cname)) {
            add_alias(node, name, sets.at(Type::cname));
            return node;
        }
        for (auto const& [type, set] : sets) node.typed.push_back(typed(name, type, {}, set));
        if (!node.typed.empty()) {
            Typed any = node.typed.front();
            any.type = Type::any;
            node.typed.push_back(std::move(any));
        }
        node.other = split ? nullptr : apex.no_data;
        // Whoever gave a name an address does not want to have others for it from outside.
        if (split && (sets.contains(Type::a) || sets.contains(Type::aaaa)))
            for (Type const type : {Type::a, Type::aaaa})
                if (!sets.contains(type)) node.typed.push_back({type, apex.no_data, {}});
        return node;
    }

    [[nodiscard]] bool has_below(Name const& name) const {
        return std::ranges::any_of(names_, [&](auto const& entry) {
            return entry.first.wire().size() > name.wire().size() && entry.first.is_within(name);
        });
    }

    // RFC 1034 §3.6.2
    void add_alias(Node& node, Name const& name, Set const& alias) {
        Set aliases = alias;
        Name end = std::get<Cname>(alias.front().data).canonical;
        while (aliases.size() < alias_limit) {
            Set const* const next = set_of(end, Type::cname);
            if (next == nullptr || std::ranges::contains(aliases, end, &Record::name)) break;
            aliases.push_back(next->front());
            end = std::get<Cname>(next->front().data).canonical;
        }
        node.typed.push_back(typed(name, Type::cname, {}, alias));
        node.typed.push_back(typed(name, Type::any, {}, alias));
        Apex const* const apex = apex_of(end.wire());
        auto const known = names_.find(end);
        Message message;
        message.authoritative = true;
        message.questions = {{name, Type::cname}};
        message.answers = aliases;
        if (apex == nullptr || (known == names_.end() && apex->zone->kind == Zone::Kind::split)) {
            node.leads_outside = end;
        } else {
            if (known != names_.end())
                for (auto const& [type, set] : known->second)
                    if (type != Type::cname) node.typed.push_back(typed(name, type, aliases, set));
            bool const exists = known != names_.end() || apex->zone->kind == Zone::Kind::same;
            message.code = exists ? ResponseCode::no_error : ResponseCode::name_error;
            message.authorities = {
                {apex->zone->apex, std::min(apex->zone->ttl, apex->zone->soa.minimum), apex->zone->soa}};
        }
        node.other = std::make_shared<PreparedAnswer const>(prepare(message, std::nullopt));
    }

    Typed typed(Name const& name, Type type, Set const& aliases, Set const& set) {
        Typed result{type, answer(name, type, aliases, set), {}};
        for (IpAddress const& address : box_) {
            auto const own = std::ranges::find(set, address.record(), &Record::data);
            if (set.size() < 2 || own == set.end()) continue;
            Set first = set;
            std::rotate(first.begin(), first.begin() + std::distance(set.begin(), own),
                        first.begin() + std::distance(set.begin(), own) + 1);
            result.by_address.emplace_back(address, answer(name, type, aliases, first));
        }
        return result;
    }

    Shared answer(Name const& name, Type type, Set const& aliases, Set const& set) {
        Message message;
        message.authoritative = true;
        message.questions = {{name, type}};
        message.answers = aliases;
        message.answers.insert(message.answers.end(), set.begin(), set.end());
        std::vector<Name> hosts;
        for (Record const& record : set) {
            Name const* const host = host_of(record.data);
            if (host == nullptr || std::ranges::contains(hosts, *host)) continue;
            hosts.push_back(*host);
            for (Type const family : {Type::a, Type::aaaa})
                if (Set const* const addresses = set_of(*host, family))
                    message.additionals.insert(message.additionals.end(), addresses->begin(), addresses->end());
        }
        return std::make_shared<PreparedAnswer const>(prepare(message, std::nullopt));
    }

    std::vector<IpAddress> const& box_;
    std::map<Name, Apex> apexes_;
    std::map<Name, Sets> names_;
};

ZoneTable::ZoneTable(std::vector<Zone> const& zones, std::vector<IpAddress> const& box)
    : nodes_(Builder(zones, box).nodes()) {}

ZoneTable::Found ZoneTable::in(Node const& node, Type type, IpAddress const& reached_at) {
    for (Typed const& typed : node.typed) {
        if (typed.type != type) continue;
        for (auto const& [address, answer] : typed.by_address)
            if (address == reached_at) return {answer.get(), nullptr};
        return {typed.answer.get(), nullptr};
    }
    return {node.other.get(), node.leads_outside ? &*node.leads_outside : nullptr};
}

ZoneTable::Found ZoneTable::find(std::string_view name, Type type, IpAddress const& reached_at) const {
    if (auto const node = nodes_.find(name); node != nodes_.end()) return in(node->second, type, reached_at);
    while (!name.empty()) {
        name = parent(name);
        auto const node = nodes_.find(name);
        if (node == nodes_.end()) continue;
        if (node->second.same_below) return in(node->second, type, reached_at);
        return {node->second.below.get(), nullptr};
    }
    return {};
}

} // namespace postern::dns
