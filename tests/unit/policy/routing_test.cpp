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

TEST(Routing, mail_has_a_route_of_its_own_where_a_rule_names_its_domain) {
    RouteRule const rules[] = {
        {"provider", {}, 1}, {"sister", {"branch.example", ".branch.example"}, 50}, {"lab", {".lab.example"}, 50}};
    for (std::string const domain : {"branch.example", "a.branch.example", "a.lab.example"})
        CHECK(has_own_route(domain, rules));
    for (std::string const domain : {"example", "example.org", "lab.example", "otherbranch.example"}) {
        CHECK(!has_own_route(domain, rules));
        CHECK(!has_own_route(Node{domain}, rules));
    }
    // With all below, some of which may be named.
    for (std::string const domain : {"example", "lab.example", "branch.example", "x.a.lab.example"})
        CHECK(has_own_route(Node{domain, true}, rules));
    for (std::string const domain : {"example.org", "xample", "ranch.example"})
        CHECK(!has_own_route(Node{domain, true}, rules));
}

TEST(Routing, a_node_is_a_domain_or_that_and_all_below) {
    CHECK(Node{"branch.example"}.contains("branch.example"));
    CHECK(!Node{"branch.example"}.contains("a.branch.example"));
    CHECK(Node("branch.example", true).contains("branch.example"));
    CHECK(Node("branch.example", true).contains("a.branch.example"));
    CHECK(!Node("branch.example", true).contains("otherbranch.example"));
    CHECK(!Node("branch.example", true).contains(".branch.example"));
}
