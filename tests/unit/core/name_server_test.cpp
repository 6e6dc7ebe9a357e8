#include "core/name_server.h"
#include "core/settings.h"

#include <CppUTest/TestHarness.h>

using namespace postern::core;

TEST_GROUP(NameServers){};

TEST(NameServers, are_addresses_with_or_without_a_port) {
    auto const servers = parse_name_servers(" 192.0.2.53,2001:db8::53#5353\tfe80::1%eth0 127.0.0.1#65535 ");
    CHECK(servers == std::vector<NameServer>(
                         {{"192.0.2.53", 53}, {"2001:db8::53", 5353}, {"fe80::1%eth0", 53}, {"127.0.0.1", 65535}}));
    CHECK(parse_name_servers("")->empty());
}

// RFC 7858
TEST(NameServers, speak_TLS_where_it_says_so) {
    auto const servers = parse_name_servers("tls://192.0.2.53/dns.example tls://2001:db8::53#8853/a.b-c.example");
    CHECK(servers ==
          std::vector<NameServer>({{"192.0.2.53", 853, "dns.example"}, {"2001:db8::53", 8853, "a.b-c.example"}}));
}

TEST(NameServers, what_is_none_is_named) {
    STRCMP_EQUAL("ns.example is no name server; one is written like 192.0.2.53, 2001:db8::53#5353, or "
                 "tls://192.0.2.53/dns.example",
                 parse_name_servers("192.0.2.53 ns.example").error().c_str());
    for (std::string_view wrong :
         {"192.0.2", "192.0.2.53:53", "192.0.2.53#", "192.0.2.53#0", "192.0.2.53#65536", "192.0.2.53#5x", "#53",
          "fe80::1%", "192.0.2.53%eth0", "[::1]", "tls://192.0.2.53", "tls://192.0.2.53/", "tls://",
          "tls:///dns.example", "tls://192.0.2.53/a b", "tls://192.0.2.53/.a", "tls://192.0.2.53/a/b",
          "tls://dns.example/dns.example", "192.0.2.53/dns.example"})
        CHECK_FALSE_TEXT(parse_name_servers(wrong).has_value(), std::string(wrong).c_str());
}

TEST(NameServers, are_a_setting) {
    Settings settings;
    CHECK(settings.name_servers("dns.servers").empty());
    CHECK(settings.set("dns.servers", "192.0.2.53#5353").has_value());
    CHECK(settings.name_servers("dns.servers") == std::vector<NameServer>({{"192.0.2.53", 5353}}));
    CHECK(settings.set("dns.servers", "nonsense").error().starts_with("dns.servers: nonsense is no name server"));
}
