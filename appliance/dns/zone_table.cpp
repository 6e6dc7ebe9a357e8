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

Name name_of(std::string_view octets) { return Name::from_wire(octets).value(); }

// Whom a record names, whose addresses who asks will want next.
Name const* host_of(Data const& data) {
    if (auto const* mx = std::get_if<Mx>(&data)) return &mx->exchange;
    if (auto const* srv = std::get_if<Srv>(&data)) return &srv->target;
    if (auto const* ns = std::get_if<Ns>(&data)) return &ns->host;
    return nullptr;
}

// What every name of several can be given.
std::shared_ptr<PreparedAnswer const> for_any_name(Message const& message) {
    return std::make_shared<PreparedAnswer const>(prepare_for_any_name(message));
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
            if (!zone.apex.wire().empty()) add_ancestors(parent_of(zone.apex.wire()));
        }
    }

    Nodes nodes() {
        Nodes nodes;
        for (auto const& [name, sets] : names_) nodes.emplace(text::lower(name.wire()), node(name, sets));
        for (auto& [octets, node] : nodes) {
            auto const wildcard = nodes.find("\1*" + octets);
            if (wildcard != nodes.end())
                node.below = &wildcard->second;
            else if (apex_of(octets)->zone->kind == Zone::Kind::same)
                node.below = &node;
        }
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
        message.authorities = {{zone.apex, std::min(zone.ttl, zone.soa.minimum), zone.soa}};
        auto const no_data = for_any_name(message);
        message.code = ResponseCode::name_error;
        auto const no_name = for_any_name(message);
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
        if (!record.name.wire().empty()) add_ancestors(parent_of(record.name.wire()));
    }

    // Up to where somebody else begins.
    void add_ancestors(std::string_view octets) {
        if (apex_of(octets) == nullptr) return;
        for (; !octets.empty(); octets = parent_of(octets)) {
            Name const name = name_of(octets);
            if (!names_.try_emplace(name).second) return;
        }
    }

    // Of the zone that the name is in.
    [[nodiscard]] Apex const* apex_of(std::string_view octets) const {
        while (true) {
            if (auto const found = apexes_.find(name_of(octets)); found != apexes_.end()) return &found->second;
            if (octets.empty()) return nullptr;
            octets = parent_of(octets);
        }
    }

    // What is at a name, be it a wildcard's; null: there is no such name.
    [[nodiscard]] Sets const* sets_at(Name const& name) const {
        auto known = names_.find(name);
        for (std::string_view octets = name.wire(); known == names_.end() && !octets.empty();) {
            octets = parent_of(octets);
            // RFC 4592 §3.3.1: the closest encloser, below which the wildcard has to be.
            Name const encloser = name_of(octets);
            if (!names_.contains(encloser)) continue;
            if (auto const wildcard = encloser.wildcard_below()) known = names_.find(*wildcard);
            break;
        }
        return known == names_.end() ? nullptr : &known->second;
    }

    [[nodiscard]] Set set_at(Name const& name, Type type) const {
        if (Sets const* const sets = sets_at(name))
            if (auto const set = sets->find(type); set != sets->end()) return owned(set->second, name);
        return {};
    }

    // RFC 4592 §3.3.1: the records of a wildcard are those of the name that it is asked for.
    static Set owned(Set set, Name const& owner) {
        for (Record& record : set) record.name = owner;
        return set;
    }

    Node node(Name const& name, Sets const& sets) {
        Apex const& apex = *apex_of(name.wire());
        bool const split = apex.zone->kind == Zone::Kind::split;
        Node node;
        if (!split) node.no_name = apex.no_name;
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
            Set const next = set_at(end, Type::cname);
            if (next.empty() || std::ranges::contains(aliases, end, &Record::name)) break;
            aliases.push_back(next.front());
            end = std::get<Cname>(next.front().data).canonical;
        }
        node.typed.push_back(typed(name, Type::cname, {}, alias));
        node.typed.push_back(typed(name, Type::any, {}, alias));
        Apex const* const apex = apex_of(end.wire());
        Sets const* const known = sets_at(end);
        Message message;
        message.authoritative = true;
        message.questions = {{name, Type::cname}};
        message.answers = aliases;
        if (apex == nullptr || (known == nullptr && apex->zone->kind == Zone::Kind::split)) {
            node.leads_outside = end;
        } else {
            if (known != nullptr)
                for (auto const& [type, set] : *known)
                    if (type != Type::cname) node.typed.push_back(typed(name, type, aliases, owned(set, end)));
            bool const exists = known != nullptr || apex->zone->kind == Zone::Kind::same;
            message.code = exists ? ResponseCode::no_error : ResponseCode::name_error;
            message.authorities = {
                {apex->zone->apex, std::min(apex->zone->ttl, apex->zone->soa.minimum), apex->zone->soa}};
        }
        node.other = prepared(message);
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
                std::ranges::move(set_at(*host, family), std::back_inserter(message.additionals));
        }
        return prepared(message);
    }

    static Shared prepared(Message const& message) {
        if (message.questions.front().name.is_wildcard()) return for_any_name(message);
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
        name = parent_of(name);
        auto const node = nodes_.find(name);
        if (node == nodes_.end()) continue;
        if (node->second.below != nullptr) return in(*node->second.below, type, reached_at);
        return {node->second.no_name.get(), nullptr};
    }
    return {};
}

} // namespace postern::dns
