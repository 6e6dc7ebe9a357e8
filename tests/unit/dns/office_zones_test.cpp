#include "dns/office_zones.h"

#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <string>
#include <vector>

namespace office_zones_test {

using namespace postern::dns;
using namespace postern::wire::dns;

namespace {

Name name(std::string_view written) { return Name::parse(written).value(); }
IpAddress address(std::string_view written) { return IpAddress::parse(written).value(); }

OfficeNames office() {
    OfficeNames names;
    names.domain = name("office.lan");
    names.port_base = 20000;
    names.serial = 42;
    names.box = {address("192.168.1.1"), address("2001:db8::1")};
    names.networks = {*IpNetwork::parse("2001:db8::/64")};
    return names;
}

std::vector<Data> of(std::vector<Zone> const& zones, std::string_view owner, Type type) {
    std::vector<Data> found;
    for (Zone const& zone : zones)
        for (Record const& record : zone.records)
            if (record.name == name(owner) && record.type() == type) found.push_back(record.data);
    return found;
}

} // namespace

TEST_GROUP(OfficeZones){};

TEST(OfficeZones, have_the_box_and_its_services) {
    auto const zones = office_zones(office());
    CHECK(zones.front().apex == name("office.lan") && zones.front().soa.serial == 42);
    CHECK(zones.front().soa.mailbox == name("postmaster.office.lan"));
    for (std::string_view const one :
         {"office.lan", "mail.office.lan", "imap.office.lan", "smtp.office.lan", "pop.office.lan",
          "autoconfig.office.lan", "autodiscover.office.lan", "setup.office.lan"}) {
        CHECK(of(zones, one, Type::a) == std::vector<Data>{address("192.168.1.1").record()});
        CHECK(of(zones, one, Type::aaaa) == std::vector<Data>{address("2001:db8::1").record()});
    }
    CHECK(of(zones, "office.lan", Type::mx) == (std::vector<Data>{Mx{10, name("mail.office.lan")}}));
    CHECK(of(zones, "office.lan", Type::ns) == (std::vector<Data>{Ns{name("mail.office.lan")}}));
    CHECK(of(zones, "_imaps._tcp.office.lan", Type::srv) ==
          (std::vector<Data>{Srv{0, 1, 20993, name("mail.office.lan")}}));
    CHECK(of(zones, "_submission._tcp.office.lan", Type::srv) ==
          (std::vector<Data>{Srv{10, 1, 20587, name("mail.office.lan")}}));
    CHECK(of(zones, "1.1.168.192.in-addr.arpa", Type::ptr) == (std::vector<Data>{Ptr{name("mail.office.lan")}}));
}

TEST(OfficeZones, have_another_name_of_the_box_wherever_that_is) {
    OfficeNames names = office();
    names.host = names.other_name = name("mail.firm.example");
    auto zones = office_zones(names);
    // Of what is below, a challenge say, the internet knows.
    CHECK(zones.back().apex == name("mail.firm.example") && zones.back().kind == Zone::Kind::split);
    CHECK(of(zones, "mail.firm.example", Type::a) == std::vector<Data>{address("192.168.1.1").record()});
    CHECK(of(zones, "_imaps._tcp.office.lan", Type::srv) ==
          (std::vector<Data>{Srv{0, 1, 20993, name("mail.firm.example")}}));
    CHECK(of(zones, "office.lan", Type::mx) == (std::vector<Data>{Mx{10, name("mail.office.lan")}}));

    names.host = names.other_name = name("post.office.lan");
    names.records = {{name("post.office.lan"), usual_ttl, Cname{name("elsewhere.example")}},
                     {name("post.office.lan"), usual_ttl, Txt{{"what somebody wants to see"}}}};
    zones = office_zones(names);
    CHECK(zones.back().apex != name("post.office.lan"));
    CHECK(of(zones, "post.office.lan", Type::aaaa) == std::vector<Data>{address("2001:db8::1").record()});
    CHECK(of(zones, "post.office.lan", Type::cname).empty());
    CHECK_EQUAL(1U, of(zones, "post.office.lan", Type::txt).size());
}

TEST(OfficeZones, name_addresses_by_themselves) {
    OfficeNames names = office();
    Seconds const hour(3600);
    names.records = {
        {name("printer.office.lan"), hour, address("192.168.1.20").record()},
        {name("scanner.office.lan"), hour, address("192.168.1.20").record()},
        {name("*.guests.office.lan"), hour, address("192.168.1.21").record()},
        {name("web.office.lan"), hour, address("192.168.1.1").record()},
        {name("nas.office.lan"), hour, address("172.20.0.5").record()},
        {name("20.0.10.in-addr.arpa"), hour, Txt{{"floor"}}},
        {name("5.0.0.10.in-addr.arpa"), hour, Ptr{name("router.example.com")}},
        {name("router.office.lan"), hour, address("10.0.0.5").record()},
        {name("six.office.lan"), hour, address("2001:db8::20").record()},
        {name("far.office.lan"), hour, address("203.0.114.5").record()},
        {name("9.114.0.203.in-addr.arpa"), hour, Ptr{name("gate.office.lan")}},
        {name("9.114.0.203.in-addr.arpa"), hour, Ptr{name("door.office.lan")}},
    };
    auto const zones = office_zones(names);
    CHECK(of(zones, "20.1.168.192.in-addr.arpa", Type::ptr) ==
          (std::vector<Data>{Ptr{name("printer.office.lan")}, Ptr{name("scanner.office.lan")}}));
    CHECK(of(zones, "21.1.168.192.in-addr.arpa", Type::ptr).empty());
    CHECK(of(zones, "1.1.168.192.in-addr.arpa", Type::ptr) == (std::vector<Data>{Ptr{name("mail.office.lan")}}));
    CHECK(of(zones, "5.0.20.172.in-addr.arpa", Type::ptr) == (std::vector<Data>{Ptr{name("nas.office.lan")}}));
    CHECK(of(zones, "5.0.0.10.in-addr.arpa", Type::ptr) == (std::vector<Data>{Ptr{name("router.example.com")}}));
    CHECK_EQUAL(1, of(zones, "20.0.10.in-addr.arpa", Type::txt).size());
    // In a network of ours that is not private, an address is a zone of its own; in others' it is none.
    auto const is_apex = [&](std::string_view of) {
        return std::ranges::contains(zones, address(of).reverse_name(), &Zone::apex);
    };
    CHECK(is_apex("2001:db8::20") && is_apex("2001:db8::1") && !is_apex("203.0.114.5") && !is_apex("192.168.1.20"));
    // But what the administrator says of one is said of that one.
    CHECK(is_apex("203.0.114.9") && !is_apex("203.0.114.5"));
    CHECK_EQUAL(2, of(zones, "9.114.0.203.in-addr.arpa", Type::ptr).size());
}

TEST(OfficeZones, that_are_split_leave_the_domain_s_own_address_to_others) {
    OfficeNames names = office();
    names.split = true;
    auto const zones = office_zones(names);
    CHECK(zones.front().kind == Zone::Kind::split);
    CHECK(of(zones, "office.lan", Type::a).empty());
    CHECK_EQUAL(1, of(zones, "mail.office.lan", Type::a).size());
}

} // namespace office_zones_test
