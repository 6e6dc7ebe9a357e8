#include "dhcp/plan.h"

#include <CppUTest/TestHarness.h>

#include <string>
#include <vector>

using namespace postern;
using namespace postern::dhcp;
using namespace std::chrono_literals;

TEST_GROUP(DhcpPlan) {
    static Attachment at(std::string interface, std::string_view address, unsigned length) {
        return {std::move(interface), dns::IpAddress::parse(address).value(), length};
    }
    std::vector<Attachment> const lan{at("lo", "127.0.0.1", 8), at("eth0", "192.168.1.1", 24),
                                      at("eth0", "fd00::1", 64)};

    static std::string range(std::string_view address, unsigned length) {
        auto const plan = make_plan({.lease_time = 1h}, std::vector{at("eth0", address, length)});
        return plan ? plan->first.text() + "-" + plan->last.text() : plan.error();
    }
};

TEST(DhcpPlan, a_range_is_found_in_the_network_that_the_box_is_in) {
    STRCMP_EQUAL("192.168.1.100-192.168.1.199", range("192.168.1.1", 24).c_str());
    STRCMP_EQUAL("10.7.3.100-10.7.3.199", range("10.7.3.9", 16).c_str());
    STRCMP_EQUAL("192.168.1.178-192.168.1.227", range("192.168.1.130", 25).c_str());
    STRCMP_EQUAL("192.168.1.3-192.168.1.5", range("192.168.1.1", 29).c_str());
    for (auto const& [address, length] :
         {std::pair("192.168.1.1", 30U), {"203.0.113.1", 24U}, {"169.254.1.1", 16U}, {"127.0.0.1", 8U}})
        STRCMP_CONTAINS("no address of its own in a private network", range(address, length).c_str());
}

TEST(DhcpPlan, what_the_administrator_wants_is_taken_or_told_of) {
    auto const plan = make_plan({"192.168.1.20 - 192.168.1.29", "192.168.1.254", 2h}, lan);
    CHECK_TRUE(plan.has_value());
    STRCMP_EQUAL("eth0", plan->interface.c_str());
    STRCMP_EQUAL("192.168.1.20", plan->first.text().c_str());
    STRCMP_EQUAL("192.168.1.254", plan->router->text().c_str());
    struct Row {
        std::string_view range, router, fault;
    };
    constexpr Row rows[] = {
        {"192.168.1.20", "", "no range of addresses"},
        {"192.168.1.30-192.168.1.20", "", "no range of addresses"},
        {"fd00::1-fd00::9", "", "no range of addresses"},
        {"192.168.2.20-192.168.2.30", "", "in no network that holds it"},
        {"192.168.1.20-192.168.2.30", "", "in no network that holds it"},
        {"", "fd00::1", "neither an IPv4 address nor none"},
        {"", "gateway", "neither an IPv4 address nor none"},
    };
    for (auto const& row : rows) {
        auto const refused = make_plan({row.range, row.router, 1h}, lan);
        CHECK_FALSE(refused.has_value());
        STRCMP_CONTAINS(std::string(row.fault).c_str(), refused.error().c_str());
    }
}

TEST(DhcpPlan, of_several_networks_the_range_says_which) {
    std::vector const two{at("eth0", "192.168.1.1", 24), at("eth1", "10.0.0.1", 24)};
    STRCMP_CONTAINS("in several private networks", make_plan({}, two).error().c_str());
    STRCMP_EQUAL("eth1", make_plan({.range = "10.0.0.5-10.0.0.9"}, two)->interface.c_str());
}

TEST(DhcpPlan, devices_leave_as_the_box_does) {
    auto behind_router = lan;
    behind_router[1].router = dns::IpAddress::parse("192.168.1.254");
    STRCMP_EQUAL("192.168.1.254", make_plan({}, behind_router)->router->text().c_str());
    CHECK_FALSE(make_plan({.router = "none"}, behind_router)->router.has_value());
    CHECK_FALSE(make_plan({}, lan)->router.has_value());
}

TEST(DhcpPlan, dnsmasq_is_told_all_of_it) {
    auto const plan = make_plan({.router = "192.168.1.254", .lease_time = 12h}, lan);
    STRCMP_EQUAL("# Made by posternd from its settings (dhcp.*), and made anew when they change.\n"
                 "port=0\n"
                 "interface=eth0\n"
                 "bind-dynamic\n"
                 "dhcp-authoritative\n"
                 "dhcp-rapid-commit\n"
                 "dhcp-range=192.168.1.100,192.168.1.199,255.255.255.0,43200\n"
                 "dhcp-leasefile=/data/dhcp/leases\n"
                 "log-facility=-\n"
                 "dhcp-option=option:router,192.168.1.254\n"
                 "dhcp-option=option:dns-server,192.168.1.1\n"
                 "dhcp-option=option:domain-name,office.lan\n"
                 "dhcp-option=option:domain-search,office.lan\n",
                 dnsmasq_configuration(*plan, "office.lan", "/data/dhcp/leases").c_str());
    STRCMP_CONTAINS("\ndhcp-option=option:router\n",
                    dnsmasq_configuration(*make_plan({}, lan), "office.lan", "l").c_str());
}
