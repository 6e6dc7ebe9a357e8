#include "imap/enabled.h"

#include <CppUTest/TestHarness.h>

using namespace postern::imap;

TEST_GROUP(ImapEnabled){};

TEST(ImapEnabled, knows_extensions_by_the_names_of_their_capabilities) {
    CHECK(find_extension("CONDSTORE")->extension == Extension::condstore);
    CHECK(find_extension("qresync")->extension == Extension::qresync);
    CHECK(find_extension("IMAP4REV2")->name == "IMAP4rev2");
    CHECK(find_extension("UTF8=ACCEPT")->extension == Extension::utf8_accept);
    CHECK(find_extension("uidOnly")->extension == Extension::uidonly);
    CHECK(find_extension("IMAP4REV1") == nullptr);
    CHECK(find_extension("") == nullptr);
}

TEST(ImapEnabled, says_what_was_switched_on_and_what_was_new) {
    Enabled enabled;
    CHECK(!enabled.has(Extension::condstore));
    CHECK(enabled.add(Extension::condstore));
    CHECK(enabled.has(Extension::condstore));
    CHECK(!enabled.add(Extension::condstore));
}
