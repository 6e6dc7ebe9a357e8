#include "dns/ip_address.h"

#include <CppUTest/TestHarness.h>

#include <string>

namespace ip_address_test {

using namespace postern::dns;

namespace {

IpAddress address(std::string_view written) { return IpAddress::parse(written).value(); }

} // namespace

TEST_GROUP(IpAddress){};

TEST(IpAddress, is_written_as_it_is_read) {
    for (std::string const written : {"192.168.1.20", "0.0.0.0", "fd00::1", "::", "2001:db8::ff"})
        STRCMP_EQUAL(written.c_str(), address(written).text().c_str());
    CHECK(address("::ffff:10.0.0.1") == address("10.0.0.1"));
    for (std::string_view const wrong : {"", "1.2.3", "fe80::1%lo", "office", "1.2.3.4/8"})
        CHECK(!IpAddress::parse(wrong));
}

TEST(IpAddress, has_a_name_of_its_own) {
    STRCMP_EQUAL("20.1.168.192.in-addr.arpa", address("192.168.1.20").reverse_name().text().c_str());
    STRCMP_EQUAL("b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa",
                 address("4321:0:1:2:3:4:567:89ab").reverse_name().text().c_str()); // RFC 3596 §2.5
}

TEST(IpAddress, is_found_by_its_reverse_name) {
    auto const of = [](std::string_view name) {
        return IpAddress::of_reverse_name(postern::wire::dns::Name::parse(name).value());
    };
    for (std::string_view const one : {"192.168.1.20", "0.0.0.0", "2001:db8::20", "4321:0:1:2:3:4:567:89ab"})
        CHECK(of(address(one).reverse_name().text()) == address(one));
    CHECK(of("20.1.168.192.IN-ADDR.ARPA") == address("192.168.1.20"));
    for (std::string_view const none :
         {".", "arpa", "in-addr.arpa", "1.168.192.in-addr.arpa", "5.20.1.168.192.in-addr.arpa",
          "*.1.168.192.in-addr.arpa", "020.1.168.192.in-addr.arpa", "256.1.168.192.in-addr.arpa",
          "20.1.168.192.in-addr.example", "1.0.ip6.arpa", "20.1.168.192.ip6.arpa", "a\\000.1.168.192.in-addr.arpa"})
        CHECK_TEXT(!of(none), std::string(none).c_str());
}

TEST(IpAddress, is_private_loopback_or_neither) {
    for (std::string_view const is : {"10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.0", "169.254.1.1",
                                      "127.0.0.1", "::1", "fe80::1", "febf::1", "fd12::1"})
        CHECK(is_private(address(is)));
    for (std::string_view const is_not :
         {"11.0.0.1", "172.32.0.1", "172.15.0.1", "192.169.0.1", "8.8.8.8", "::", "2001:db8::1", "fec0::1", "::2"})
        CHECK(!is_private(address(is_not)));
    CHECK(is_loopback(address("127.9.9.9")) && is_loopback(address("::1")) && !is_loopback(address("10.0.0.1")));
}

TEST(IpAddress, is_in_networks) {
    struct {
        std::string_view network, address;
        bool is_in;
    } const rows[] = {
        {"192.168.1.0/24", "192.168.1.255", true},
        {"192.168.1.77/24", "192.168.1.1", true},
        {"192.168.1.0/24", "192.168.2.0", false},
        {"10.0.0.0/30", "10.0.0.4", false},
        {"10.0.0.3", "10.0.0.3", true},
        {"0.0.0.0/0", "8.8.8.8", true},
        {"0.0.0.0/0", "fd00::1", false},
        {"2001:db8::/64", "2001:db8::ffff:1", true},
        {"2001:db8::/64", "2001:db8:0:1::1", false},
    };
    for (auto const& row : rows) CHECK(IpNetwork::parse(row.network)->contains(address(row.address)) == row.is_in);
    for (std::string_view const wrong : {"10.0.0.0/33", "fd00::/129", "10.0.0.0/", "10.0.0.0/x", "/8"})
        CHECK(!IpNetwork::parse(wrong));
}

} // namespace ip_address_test
