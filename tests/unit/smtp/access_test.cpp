#include "smtp/access.h"

#include <CppUTest/TestHarness.h>

#include <vector>

using namespace postern::smtp;

TEST_GROUP(SmtpAccess){};

TEST(SmtpAccess, private_means_what_a_lan_uses) {
    std::vector<std::string> const networks{"private"};
    for (auto const* inside : {"10.1.2.3", "172.16.0.1", "192.168.1.20", "127.0.0.1", "::1", "fd00::1", "fe80::1"})
        CHECK(admits(networks, inside));
    for (auto const* outside : {"8.8.8.8", "172.32.0.1", "192.169.0.1", "2001:db8::1"})
        CHECK_FALSE(admits(networks, outside));
}

TEST(SmtpAccess, networks_are_listed) {
    std::vector<std::string> const networks{"203.0.113.0/24", "2001:db8::/32", "nonsense"};
    CHECK(admits(networks, "203.0.113.9"));
    CHECK(admits(networks, "2001:db8::9"));
    CHECK_FALSE(admits(networks, "192.168.1.20"));
    CHECK(admits(std::vector<std::string>{"any"}, "8.8.8.8"));
    CHECK_FALSE(admits({}, "127.0.0.1"));
}

TEST(SmtpAccess, a_literal_names_its_address) {
    CHECK(names_address("[192.168.1.1]", "192.168.1.1"));
    CHECK(names_address("[IPv6:fd00:0::1]", "fd00::1"));
    CHECK_FALSE(names_address("[192.168.1.2]", "192.168.1.1"));
    CHECK_FALSE(names_address("192.168.1.1", "192.168.1.1"));
    CHECK_FALSE(names_address("[192.168.0.0/16]", "192.168.1.1"));
    CHECK_FALSE(names_address("[", "192.168.1.1"));
    CHECK_FALSE(names_address("", "192.168.1.1"));
}
