#include "imap/list_pattern.h"

#include <CppUTest/TestHarness.h>

#include <string>

using postern::imap::matches;

TEST_GROUP(ListPattern){};

// RFC 3501 §6.3.8
TEST(ListPattern, a_star_matches_anything) {
    CHECK(matches("*", "foo/bar"));
    CHECK(matches("*", ""));
    CHECK(matches("f*r", "foo/bar"));
    CHECK(!matches("f*z", "foo/bar"));
    CHECK(matches("foo*", "foo"));
}

TEST(ListPattern, a_percent_sign_stays_within_its_level) {
    CHECK(matches("%", "foo"));
    CHECK(!matches("%", "foo/bar"));
    CHECK(matches("%/%", "foo/bar"));
    CHECK(matches("foo/%", "foo/bar"));
    CHECK(!matches("foo/%", "foo/bar/baz"));
    CHECK(matches("foo/%", "foo/"));
    CHECK(matches("%/bar", "foo/bar"));
    CHECK(matches("f%%o", "foo"));
    CHECK(matches("%*", "foo/bar"));
    CHECK(matches("*%", "foo/bar"));
}

TEST(ListPattern, only_inbox_is_the_same_in_any_case) {
    CHECK(matches("inbox", "INBOX"));
    CHECK(matches("InB%", "INBOX"));
    CHECK(matches("inbox/%", "INBOX/lists"));
    CHECK(!matches("inbox/LISTS", "INBOX/lists"));
    CHECK(!matches("sent", "Sent"));
    CHECK(!matches("inboxes", "INBOXES"));
}

TEST(ListPattern, many_wildcards_take_no_longer_than_the_lengths_together_demand) {
    std::string pattern, name(900, 'a');
    for (int i = 0; i < 400; ++i) pattern += "*a";
    CHECK(matches(pattern, name));
    CHECK(!matches(pattern + "b", name));
}
