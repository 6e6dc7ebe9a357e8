#include "dns/office_zones.h"

#include "core/box_names.h"
#include "dns/special_zones.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace postern::dns {

namespace {

using namespace wire::dns;

// Negative answers are remembered for less, so that a name that is added is there soon.
constexpr Seconds negative_ttl{60};

struct ServiceRow {
    std::string_view service;
    std::uint16_t priority; // RFC 6186 §3.4: with TLS from the first octet (RFC 8314 §3) and by IMAP rather than others
    std::uint16_t port;
};
constexpr ServiceRow service_rows[] = {
    {"_submissions", 0, 465}, {"_submission", 10, 587}, {"_imaps", 0, 993},
    {"_imap", 10, 143},       {"_pop3s", 20, 995},      {"_pop3", 30, 110},
};

Name below(Name const& domain, std::initializer_list<std::string_view> labels) {
    Name name;
    for (std::string_view const label : labels) name.append(label);
    for (std::string_view rest = domain.wire(); !rest.empty();) {
        auto const length = static_cast<std::size_t>(rest.front());
        name.append(rest.substr(1, length));
        rest.remove_prefix(1 + length);
    }
    return name;
}

Zone make_zone(Name const& apex, OfficeNames const& names) {
    Name const host = host_name(names.domain);
    Zone zone;
    zone.apex = apex;
    zone.soa = {
        host,        below(names.domain, {"postmaster"}), names.serial, Seconds(3600), Seconds(600), Seconds(86400),
        negative_ttl};
    zone.ttl = usual_ttl;
    zone.records = {{apex, usual_ttl, Ns{host}}};
    return zone;
}

// What nobody else says of a name of the box.
bool is_box_own(Type type) { return type == Type::a || type == Type::aaaa || type == Type::cname; }

void add_addresses(Zone& zone, Name const& name, OfficeNames const& names) {
    for (IpAddress const& address : names.box) zone.records.push_back({name, usual_ttl, address.record()});
}

void add_box(Zone& zone, OfficeNames const& names) {
    for (Name const& name : box_names(names.domain)) add_addresses(zone, name, names);
    // An office whose domain has a web site elsewhere wants to see it.
    if (!names.split) add_addresses(zone, names.domain, names);
    zone.records.push_back({names.domain, usual_ttl, Mx{10, host_name(names.domain)}});
    Name const host = names.host.value_or(host_name(names.domain));
    for (ServiceRow const& row : service_rows)
        zone.records.push_back({below(names.domain, {row.service, "_tcp"}), usual_ttl,
                                Srv{row.priority, 1, static_cast<std::uint16_t>(row.port + names.port_base), host}});
    // What Outlook asks where it finds no name for that ([MS-OXDISCO] §3.1.5.5).
    zone.records.push_back({below(names.domain, {"_autodiscover", "_tcp"}), usual_ttl,
                            Srv{0, 1, static_cast<std::uint16_t>(443 + names.port_base), host}});
    if (!names.client_configuration.empty())
        zone.records.push_back(
            {below(names.domain, {"_ua-auto-config"}), usual_ttl, Txt{{names.client_configuration}}});
}

// The zones of addresses, and the names in them.
class Reverse {
public:
    explicit Reverse(OfficeNames const& names) : names_(names) {
        for (Name const& apex : private_reverse_zones()) zones_.push_back(make_zone(apex, names));
        for (Record const& record : names.records)
            if (record.type() == Type::ptr) told_.insert(record.name);
    }

    [[nodiscard]] Zone* zone_of(Name const& name) {
        auto const zone = std::ranges::find_if(zones_, [&](Zone const& one) { return name.is_within(one.apex); });
        return zone == zones_.end() ? nullptr : &*zone;
    }

    // Made where there is none: then it has that name and no other.
    Zone& zone_for(Name const& name) {
        Zone* const zone = zone_of(name);
        return zone != nullptr ? *zone : zones_.emplace_back(make_zone(name, names_));
    }

    // That the address is called so, unless the administrator says how it is called; in a zone of its own if its name
    // is in none, but the address is in a network of ours.
    void point(IpAddress const& address, Name const& target, Seconds ttl) {
        Name const name = address.reverse_name();
        if (told_.contains(name)) return;
        auto const is_in = [&](IpNetwork const& network) { return network.contains(address); };
        if (zone_of(name) == nullptr && std::ranges::none_of(names_.networks, is_in)) return;
        zone_for(name).records.push_back({name, ttl, Ptr{target}});
    }

    std::vector<Zone> take() { return std::move(zones_); }

private:
    OfficeNames const& names_;
    std::vector<Zone> zones_;
    std::set<Name> told_;
};

} // namespace

Name host_name(Name const& domain) { return below(domain, {core::host_label}); }

std::vector<Name> box_names(Name const& domain) {
    std::vector<Name> names{host_name(domain)};
    for (std::string_view const label : core::other_labels) names.push_back(below(domain, {label}));
    return names;
}

std::vector<Zone> office_zones(OfficeNames const& names) {
    Reverse reverse(names);
    Zone domain = make_zone(names.domain, names);
    if (names.split) domain.kind = Zone::Kind::split;
    add_box(domain, names);
    std::optional<Zone> other;
    if (names.other_name && names.other_name->is_within(names.domain)) {
        add_addresses(domain, *names.other_name, names);
    } else if (names.other_name) {
        // Of what else there is of it and below it, the internet knows.
        other = make_zone(*names.other_name, names);
        other->kind = Zone::Kind::split;
        add_addresses(*other, *names.other_name, names);
    }
    for (Record const& record : names.records) {
        if (record.name == names.other_name && is_box_own(record.type())) continue;
        if (record.name.is_within(names.domain))
            domain.records.push_back(record);
        else if (record.type() == Type::ptr)
            reverse.zone_for(record.name).records.push_back(record);
        else if (Zone* const zone = reverse.zone_of(record.name))
            zone->records.push_back(record);
    }
    // An address of the box has the box's name alone.
    for (IpAddress const& address : names.box) reverse.point(address, host_name(names.domain), usual_ttl);
    for (Record const& record : names.records) {
        std::optional<IpAddress> address;
        if (auto const* four = std::get_if<A>(&record.data)) address.emplace(*four);
        if (auto const* six = std::get_if<Aaaa>(&record.data)) address.emplace(*six);
        // A wildcard is nobody's name.
        if (address && !record.name.is_wildcard() && !std::ranges::contains(names.box, *address))
            reverse.point(*address, record.name, record.ttl);
    }
    std::vector<Zone> zones = reverse.take();
    zones.insert(zones.begin(), std::move(domain));
    if (other) zones.push_back(std::move(*other));
    return zones;
}

} // namespace postern::dns
