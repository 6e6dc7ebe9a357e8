#include "wire/imap_sequence_set.h"

#include <CppUTest/TestHarness.h>

#include <string>

namespace imap_sequence_set_test {

using namespace postern::wire::imap;

namespace {

void means(std::string_view text, std::uint32_t largest, char const* expected) {
    STRCMP_EQUAL(expected, SequenceSet::parse(text).value().resolve(largest).to_string().c_str());
}

} // namespace

TEST_GROUP(ImapSequenceSet){};

// RFC 3501 §9
TEST(ImapSequenceSet, its_own_examples) {
    means("2,4:7,9,12:*", 15, "2,4:7,9,12:15");
    means("*:4,5:7", 10, "4:10");
    means("4:2", 10, "2:4");
}

TEST(ImapSequenceSet, a_star_is_the_largest_number) {
    means("*", 3, "3");
    means("*:*", 3, "3");
    means("5:*", 3, "3:5");
    means("1:*", 1, "1");
}

TEST(ImapSequenceSet, a_star_in_an_empty_mailbox_is_nothing) {
    means("*", 0, "");
    means("1:*", 0, "");
    means("1:*,7", 0, "7");
}

TEST(ImapSequenceSet, overlaps_are_joined) { means("9,1:5,3:7,8,4294967295", 9, "1:9,4294967295"); }

TEST(ImapSequenceSet, what_is_none_is_refused) {
    for (char const* text : {"", "0", "1,", ",1", "1:", ":1", "1::2", "1:2:3", "01", "1 2", "-1", "+1", "a",
                             "4294967296", "1,,2", "**", "1*", "0:1", "1:0"})
        CHECK_TEXT(!SequenceSet::parse(text), text);
}

TEST(ImapSequenceSet, it_is_written_as_it_was_read) {
    for (std::string const text : {"1", "*", "1:*", "*:1", "4:2", "2,4:7,9,12:*", "4294967295"})
        STRCMP_EQUAL(text.c_str(), SequenceSet::parse(text).value().to_string().c_str());
}

TEST(ImapSequenceSet, a_long_set_in_no_order_is_resolved_quickly) {
    std::string text = "1";
    for (int i = 20'000; i > 1; i -= 2) text += "," + std::to_string(i);
    LONGS_EQUAL(10'001, SequenceSet::parse(text).value().resolve(1).size());
}

// RFC 5182 §5
TEST(ImapSequenceSet, what_was_saved_is_a_set_of_its_own) {
    auto const saved = SequenceSet::parse("$");
    CHECK_TRUE(saved && saved->is_saved());
    STRCMP_EQUAL("$", saved->to_string().c_str());
    CHECK_TRUE(saved == SequenceSet::saved());
    CHECK_FALSE(SequenceSet::parse("$,1") || SequenceSet::parse("1,$") || SequenceSet::parse("$:2"));
}

} // namespace imap_sequence_set_test
