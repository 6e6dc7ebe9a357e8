#include "dns/special_zones.h"

#include <format>
#include <string>
#include <string_view>

namespace postern::dns {

namespace {

using namespace wire::dns;

Name name(std::string_view written) { return Name::parse(written).value(); }

// RFC 6303 §3: one that is empty, and for whose owner nobody is to be asked.
Zone zone(std::string_view apex, Zone::Kind kind) {
    constexpr Seconds long_time{10800};
    Name const at = name(apex);
    return {at,
            kind,
            {at, name("nobody.invalid"), 1, Seconds(3600), Seconds(1200), Seconds(604800), long_time},
            long_time,
            {}};
}

Zone empty_zone(std::string_view apex) {
    Zone made = zone(apex, Zone::Kind::whole);
    made.records = {{made.apex, made.ttl, Ns{made.apex}}};
    return made;
}

Zone with_pointer_to_localhost(std::string_view apex, std::string_view address) {
    Zone made = empty_zone(apex);
    made.records.push_back({name(address), made.ttl, Ptr{name("localhost")}});
    return made;
}

constexpr std::string_view not_there[] = {"invalid", "test", "onion", "local", "use-application-dns.net"};
constexpr std::string_view empty_zones[] = {
    "home.arpa",
    // RFC 6303 §4.2, §4.3
    "0.in-addr.arpa",
    "2.0.192.in-addr.arpa",
    "100.51.198.in-addr.arpa",
    "113.0.203.in-addr.arpa",
    "255.255.255.255.in-addr.arpa",
    "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa",
    "8.b.d.0.1.0.0.2.ip6.arpa",
};

} // namespace

std::vector<Zone> special_zones() {
    std::vector<Zone> zones;
    for (std::string_view const apex : not_there) zones.push_back(zone(apex, Zone::Kind::denied));
    for (std::string_view const apex : empty_zones) zones.push_back(empty_zone(apex));
    // RFC 7793: between a carrier and its customers.
    for (unsigned octet = 64; octet < 128; ++octet)
        zones.push_back(empty_zone(std::format("{}.100.in-addr.arpa", octet)));

    Zone localhost = zone("localhost", Zone::Kind::same);
    localhost.records = {{localhost.apex, localhost.ttl, A{{127, 0, 0, 1}}},
                         {localhost.apex, localhost.ttl, Aaaa{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}}};
    zones.push_back(std::move(localhost));
    zones.push_back(with_pointer_to_localhost("127.in-addr.arpa", "1.0.0.127.in-addr.arpa"));
    constexpr std::string_view loopback = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa";
    zones.push_back(with_pointer_to_localhost(loopback, loopback));

    // RFC 9462 §6.4: that there is no other way to ask us is told by no data, for every name.
    zones.push_back(zone("resolver.arpa", Zone::Kind::same));
    return zones;
}

std::vector<Name> private_reverse_zones() {
    std::vector<Name> zones;
    for (std::string_view const apex :
         {"10.in-addr.arpa", "168.192.in-addr.arpa", "254.169.in-addr.arpa", "d.f.ip6.arpa", "c.f.ip6.arpa",
          "8.e.f.ip6.arpa", "9.e.f.ip6.arpa", "a.e.f.ip6.arpa", "b.e.f.ip6.arpa"})
        zones.push_back(name(apex));
    for (unsigned octet = 16; octet < 32; ++octet) zones.push_back(name(std::format("{}.172.in-addr.arpa", octet)));
    return zones;
}

} // namespace postern::dns
