#include "imap/capability.h"
#include "office/capability_mask.h"

#include <CppUTest/TestHarness.h>

using namespace postern;

TEST_GROUP(ImapCapability){};

TEST(ImapCapability, is_what_some_client_is_shown) {
    for (char const* name : {"MOVE", "multiappend", "STARTTLS", "AUTH=scram-sha-256-plus", "THREAD=REFS", "QUOTASET"})
        CHECK_TEXT(imap::is_capability(name), name);
    for (char const* name : {"MULTIAPEND", "AUTH=", "AUTH=CRAM-MD5", "THREAD", ""})
        CHECK_FALSE_TEXT(imap::is_capability(name), name);
}

TEST(ImapCapability, there_is_what_known_masks_hide) {
    for (core::MaskRule const& rule : office::known_masks())
        for (std::string const& name : rule.capabilities) CHECK_TEXT(imap::is_capability(name), name.c_str());
}
