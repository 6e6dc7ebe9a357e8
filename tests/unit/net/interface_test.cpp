#include "net/interface.h"

#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <string>
#include <vector>

namespace interface_test {

using namespace postern::net;

TEST_GROUP(Interface){};

TEST(Interface, has_addresses_that_pass) {
    // RFC 8981 §3.4, RFC 4862 §5.4: temporary, temporary and deprecated, deprecated, tentative, a duplicate; and
    // others.
    std::vector<std::string> const passing = passing_addresses("20010db80000000000000000000000a1 02 40 00 01     eth0\n"
                                                               "20010db80000000000000000000000a2 02 40 00 21     eth0\n"
                                                               "20010db80000000000000000000000a3 02 40 00 a0     eth0\n"
                                                               "fd0000000000000000000000000000a4 0c 40 00 c0 a name\n"
                                                               "fd0000000000000000000000000000a5 02 40 00 88     eth0\n"
                                                               "20010db80000000000000000000000b1 02 40 00 00     eth0\n"
                                                               "20010db80000000000000000000000b2 02 40 00 82     eth0\n"
                                                               "fe80000000000000fc00fffe000001b3 02 40 20 80     eth0\n"
                                                               "20010db8 02 40 00 01 eth0\n"
                                                               "20010db80000000000000000000000b4 02 40\n"
                                                               "\n");
    CHECK(passing ==
          (std::vector<std::string>{"2001:db8::a1", "2001:db8::a2", "2001:db8::a3", "fd00::a4", "fd00::a5"}));
    CHECK(passing_addresses("").empty());
}

TEST(Interface, of_this_machine_is_at_loopback_for_good) {
    auto const addresses = interface_addresses();
    auto const loopback = std::ranges::find(addresses, "127.0.0.1", &InterfaceAddress::address);
    CHECK(loopback != addresses.end() && loopback->lasting && loopback->prefix_length == 8);
}

} // namespace interface_test
