#include "core/mask_rules.h"
#include "core/settings.h"

#include <CppUTest/TestHarness.h>

using namespace postern::core;

namespace {

std::string refusal(std::string_view written) {
    auto const rules = parse_mask_rules(written);
    return rules ? std::string() : rules.error();
}

} // namespace

TEST_GROUP(MaskRules){};

TEST(MaskRules, name_who_does_without_what_and_why) {
    using enum MaskRule::By;
    auto const both = parse_mask_rules("client Foo Mail/2.1: QRESYNC, CONDSTORE (loses flags (often));"
                                       "  account bob:AUTH=PLAIN(his phone: sends it twice);client Bar:IDLE (hangs)");
    CHECK(both.has_value());
    CHECK(*both == (std::vector<MaskRule>{
                       {client, "Foo Mail", "2.1", {"QRESYNC", "CONDSTORE"}, "loses flags (often)"},
                       {account, "bob", "", {"AUTH=PLAIN"}, "his phone: sends it twice"},
                       {client, "Bar", "", {"IDLE"}, "hangs"},
                   }));
    STRCMP_EQUAL("client Foo Mail/2.1", who_is_masked(both->front()).c_str());
    STRCMP_EQUAL("account bob", who_is_masked((*both)[1]).c_str());
    CHECK(parse_mask_rules("")->empty());
    CHECK(parse_mask_rules(" ; ")->empty());
}

TEST(MaskRules, say_what_is_wrong_with_them) {
    STRCMP_CONTAINS("\"client Foo: IDLE\": a rule is client", refusal("client Foo: IDLE").c_str());
    STRCMP_CONTAINS("a rule is", refusal("client Foo IDLE (hangs)").c_str());
    STRCMP_CONTAINS("begins with client or account", refusal("clients Foo: IDLE (hangs)").c_str());
    STRCMP_CONTAINS("whose rule", refusal("account : IDLE (hangs)").c_str());
    STRCMP_CONTAINS("whose rule", refusal("client /2: IDLE (hangs)").c_str());
    STRCMP_CONTAINS("masks nothing", refusal("client Foo: , (hangs)").c_str());
    STRCMP_CONTAINS("say why", refusal("client Foo: IDLE ( )").c_str());
    STRCMP_CONTAINS("ID*LE is no capability", refusal("client Foo: ID*LE (hangs)").c_str());
    STRCMP_CONTAINS("control", refusal("client Foo: IDLE (hangs\n)").c_str());
    for (std::string_view const needed : {"imap4rev1", "STARTTLS", "LoginDisabled"})
        STRCMP_CONTAINS("cannot be masked", refusal(std::string("account bob: ").append(needed) + " (why)").c_str());
}

TEST(MaskRules, are_a_setting) {
    Settings settings;
    CHECK(settings.masks("imap.masks").empty());
    CHECK(settings.set("imap.masks", "account bob: IDLE (hangs)").has_value());
    CHECK_EQUAL(1U, settings.masks("imap.masks").size());
    STRCMP_CONTAINS("imap.masks: \"bob\": a rule is", settings.set("imap.masks", "bob").error().c_str());
    CHECK_EQUAL(1U, settings.masks("imap.masks").size());
}
