#include "net/address.h"

#include <CppUTest/TestHarness.h>

#include <algorithm>

using namespace postern::net;

TEST_GROUP(Network){
    static bool in(char const* network, char const* address){return Network::parse(network)->contains(address);
}
}
;

TEST(Network, contains_the_addresses_of_its_range) {
    CHECK(in("192.168.0.0/16", "192.168.255.1"));
    CHECK(!in("192.168.0.0/16", "192.169.0.1"));
    CHECK(in("10.0.0.0/9", "10.127.255.255"));
    CHECK(!in("10.0.0.0/9", "10.128.0.0"));
    CHECK(in("fd00::/8", "fd12:3456::1"));
    CHECK(!in("fd00::/8", "fe80::1"));
    CHECK(in("192.168.1.77/24", "192.168.1.1"));
}

TEST(Network, of_a_bare_address_is_that_address) {
    CHECK(in("192.0.2.1", "192.0.2.1"));
    CHECK(!in("192.0.2.1", "192.0.2.2"));
    CHECK(in("::1", "::1"));
}

TEST(Network, takes_a_mapped_address_for_an_IPv4_address) {
    CHECK(in("192.0.2.0/24", "::ffff:192.0.2.9"));
    CHECK(in("0.0.0.0/0", "198.51.100.1"));
}

TEST(Network, keeps_IPv4_out_of_IPv6_ranges) {
    CHECK(in("::/0", "2001:db8::1"));
    CHECK(!in("::/0", "198.51.100.1"));
    CHECK(!in("0.0.0.0/0", "2001:db8::1"));
}

TEST(Network, contains_nothing_that_is_no_address) {
    CHECK(!in("0.0.0.0/0", ""));
    CHECK(!in("0.0.0.0/0", "1.2.3"));
    CHECK(!in("::/0", "host.example"));
    CHECK(!Network::parse("0.0.0.0/0")->contains(std::string_view("1.2.3.4\0x", 9)));
}

TEST(Network, refuses_what_is_no_range) {
    for (char const* wrong :
         {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "::/129", "office.lan/8", "10.0.0.0/8/8"})
        CHECK_TEXT(!Network::parse(wrong), wrong);
}

TEST(Network, gives_address_and_mask_for_certificates) {
    CHECK_EQUAL(std::string("\xac\x10\x00\x00\xff\xf0\x00\x00", 8),
                Network::parse("172.16.0.0/12")->address_and_mask());
    std::string const ipv6 = Network::parse("fe80::/10")->address_and_mask();
    CHECK_EQUAL(32U, ipv6.size());
    CHECK_EQUAL(std::string("\xff\xc0\x00", 3), ipv6.substr(16, 3));
}

TEST(Network, knows_what_offices_use) {
    auto const is_private = [](char const* address) {
        return std::ranges::any_of(private_networks(),
                                   [&](Network const& network) { return network.contains(address); });
    };
    CHECK(is_private("10.1.2.3"));
    CHECK(is_private("127.0.0.1"));
    CHECK(is_private("fe80::1"));
    CHECK(!is_private("172.32.0.1"));
    CHECK(!is_private("2001:db8::1"));
}
