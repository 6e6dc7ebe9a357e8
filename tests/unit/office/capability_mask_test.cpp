#include "office/capability_mask.h"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::office;

TEST_GROUP(CapabilityMask) {
    std::vector<core::MaskRule> rules =
        *core::parse_mask_rules("client Foo Mail/2.: CONDSTORE (why); account bob: idle (why)");
};

TEST(CapabilityMask, is_for_that_client_in_any_case_and_that_version_alone) {
    CHECK(CapabilityMask({"foo mail", "2.7", ""}, rules).hides("Condstore"));
    CHECK(!CapabilityMask({"foo mail", "2.7", ""}, rules).hides("IDLE"));
    for (MaskedClient const& other :
         {MaskedClient{"Foo Mail", "20", ""}, MaskedClient{"Foo Mail", "", ""}, MaskedClient{"Foo Mail Pro", "2.7", ""},
          MaskedClient{"", "2.7", "foo mail"}, MaskedClient{"bob", "", ""}, MaskedClient{}})
        CHECK(CapabilityMask(other, rules) == CapabilityMask());
}

TEST(CapabilityMask, is_for_that_account_whatever_the_client) {
    CHECK(CapabilityMask({"", "", "bob"}, rules).hides("IDLE"));
    CHECK(CapabilityMask({"Foo Mail", "2.", "bob"}, rules).hides("IDLE"));
    CHECK(CapabilityMask({"Foo Mail", "2.", "bob"}, rules).hides("CONDSTORE"));
}

// RFC 7162 §3.2
TEST(CapabilityMask, hides_QRESYNC_with_CONDSTORE) {
    CHECK(CapabilityMask({"Foo Mail", "2.", ""}, rules).hides("QRESYNC"));
}

TEST(CapabilityMask, what_is_known_has_its_reasons) {
    for (core::MaskRule const& rule : known_masks()) {
        CHECK(rule.reason.size() > 20);
        CHECK(!rule.capabilities.empty());
    }
    CHECK(CapabilityMask({"Microsoft Office 365", "15.20", ""}, {}).hides("UIDONLY"));
}
