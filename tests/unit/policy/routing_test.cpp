#include "policy/routing.h"

#include <CppUTest/TestHarness.h>

using namespace postern::policy;

TEST_GROUP(Routing){};

TEST(Routing, without_rules_mail_has_nowhere_to_go) { CHECK(route_of("example.org", {}).empty()); }

TEST(Routing, a_rule_without_domains_is_for_all_in_the_order_of_preference) {
    RouteRule const rules[] = {{"satellite", {}, 20}, {"provider", {}, 10}, {"backup", {}, 10}};
    CHECK((route_of("example.org", rules) == Route{"backup", "provider", "satellite"}));
}

TEST(Routing, who_names_the_domain_gets_its_mail_and_nobody_else) {
    RouteRule const rules[] = {{"provider", {}, 1},
                               {"sister", {"branch.example", ".branch.example"}, 50},
                               {"lab", {".lab.branch.example"}, 60},
                               {"desk", {"x.lab.branch.example"}, 70}};
    CHECK((route_of("branch.example", rules) == Route{"sister"}));
    CHECK((route_of("a.branch.example", rules) == Route{"sister"}));
    CHECK((route_of("a.lab.branch.example", rules) == Route{"lab"}));
    CHECK((route_of("x.lab.branch.example", rules) == Route{"desk"}));
    CHECK((route_of("otherbranch.example", rules) == Route{"provider"}));
    CHECK((route_of("lab.branch.example", rules) == Route{"sister"}));
}

TEST(Routing, without_a_rule_that_is_for_it_a_domain_has_to_wait) {
    RouteRule const rules[] = {{"sister", {"branch.example"}, 1}};
    CHECK(route_of("example.org", rules).empty());
}
