#include "dns/office_zones.h"

#include "dns/special_zones.h"

#include <algorithm>
#include <string_view>

namespace postern::dns {

namespace {

using namespace wire::dns;

// Negative answers are remembered for less, so that a name that is added is there soon.
constexpr Seconds negative_ttl{60};

// After the host's own.
constexpr std::string_view services[] = {"imap", "smtp", "pop", "autoconfig", "autodiscover", "setup"};

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

void add_box(Zone& zone, OfficeNames const& names) {
    Name const host = host_name(names.domain);
    std::vector<Name> called = box_names(names.domain);
    // An office whose domain has a web site elsewhere wants to see it.
    if (!names.split) called.push_back(names.domain);
    for (Name const& name : called)
        for (IpAddress const& address : names.box) zone.records.push_back({name, usual_ttl, address.record()});
    zone.records.push_back({names.domain, usual_ttl, Mx{10, host}});
    for (ServiceRow const& row : service_rows)
        zone.records.push_back({below(names.domain, {row.service, "_tcp"}), usual_ttl,
                                Srv{row.priority, 1, static_cast<std::uint16_t>(row.port + names.port_base), host}});
}

// Into the zone that its reverse name is in, or one of its own if that is in none. An address of the box has the box's
// name alone, and who is called what by the administrator is not called otherwise by us.
void add_pointer(std::vector<Zone>& zones, OfficeNames const& names, IpAddress const& address, Record record) {
    record.name = address.reverse_name();
    bool const of_box = std::get<Ptr>(record.data).target == host_name(names.domain);
    if (!of_box && std::ranges::contains(names.box, address)) return;
    if (std::ranges::any_of(
            names.records, [&](Record const& other) { return other.type() == Type::ptr && other.name == record.name; }))
        return;
    auto zone = std::ranges::find_if(zones, [&](Zone const& one) { return record.name.is_within(one.apex); });
    if (zone == zones.end()) {
        bool const ours = std::ranges::any_of(names.networks, [&](auto const& net) { return net.contains(address); });
        if (!ours || is_loopback(address)) return;
        zones.push_back(make_zone(record.name, names));
        zone = std::prev(zones.end());
    }
    zone->records.push_back(std::move(record));
}

} // namespace

Name host_name(Name const& domain) { return below(domain, {"mail"}); }

std::vector<Name> box_names(Name const& domain) {
    std::vector<Name> names{host_name(domain)};
    for (std::string_view const service : services) names.push_back(below(domain, {service}));
    return names;
}

std::vector<Zone> office_zones(OfficeNames const& names) {
    std::vector<Zone> reverse;
    for (Name const& apex : private_reverse_zones()) reverse.push_back(make_zone(apex, names));
    for (IpAddress const& address : names.box)
        add_pointer(reverse, names, address, {{}, usual_ttl, Ptr{host_name(names.domain)}});

    Zone domain = make_zone(names.domain, names);
    if (names.split) domain.kind = Zone::Kind::split;
    add_box(domain, names);
    for (Record const& record : names.records) {
        if (record.name.is_within(names.domain)) {
            domain.records.push_back(record);
        } else {
            auto const zone =
                std::ranges::find_if(reverse, [&](Zone const& one) { return record.name.is_within(one.apex); });
            if (zone != reverse.end()) zone->records.push_back(record);
        }
    }
    for (Record const& record : names.records) {
        Ptr const pointer{record.name};
        if (auto const* four = std::get_if<A>(&record.data))
            add_pointer(reverse, names, IpAddress(*four), {{}, record.ttl, pointer});
        if (auto const* six = std::get_if<Aaaa>(&record.data))
            add_pointer(reverse, names, IpAddress(*six), {{}, record.ttl, pointer});
    }
    reverse.insert(reverse.begin(), std::move(domain));
    return reverse;
}

} // namespace postern::dns
