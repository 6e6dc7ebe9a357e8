#include "imap_parsed.h"

#include <CppUTest/TestHarness.h>

#include <string>

namespace imap_list_test {

using namespace postern::wire::imap;

namespace {

std::string patterns(List const& list) {
    std::string out;
    for (std::string const& pattern : list.patterns) out += "<" + pattern + ">";
    return out;
}

} // namespace

TEST_GROUP(ImapList){};

// RFC 3501 §6.3.8
TEST(ImapList, reference_and_pattern) {
    auto const list = parsed<List>("A202 LIST ~/Mail/ %");
    STRCMP_EQUAL("~/Mail/", list.reference.c_str());
    STRCMP_EQUAL("<%>", patterns(list).c_str());
    CHECK_FALSE(list.lsub);
    CHECK_FALSE(list.extended);
    auto const delimiter = parsed<List>("A101 LIST \"\" \"\"");
    STRCMP_EQUAL("", delimiter.reference.c_str());
    STRCMP_EQUAL("<>", patterns(delimiter).c_str());
    STRCMP_EQUAL("<a]b*%>", patterns(parsed<List>("a LIST \"\" a]b*%")).c_str());
    STRCMP_EQUAL("</usr/staff/j%>", patterns(parsed<List>("a LIST {0}\r\n {13}\r\n/usr/staff/j%")).c_str());
}

TEST(ImapList, patterns_are_modified_utf7) {
    STRCMP_EQUAL("<\xe5\x8f\xb0\xe5\x8c\x97*>", patterns(parsed<List>("a LIST \"\" &U,BTFw-*")).c_str());
    refused("a LIST \"\" &*", "a NO [CANNOT] The mailbox name is not valid modified UTF-7");
}

// RFC 3501 §6.3.9
TEST(ImapList, lsub) {
    auto const lsub = parsed<List>("A002 LSUB \"#news.\" \"comp.mail.*\"");
    CHECK_TRUE(lsub.lsub);
    STRCMP_EQUAL("#news.", lsub.reference.c_str());
    STRCMP_EQUAL("<comp.mail.*>", patterns(lsub).c_str());
    refused("a LSUB \"\" (x y)", "a BAD LSUB: Expected a mailbox name or pattern");
    refused("a LSUB \"\" x RETURN (CHILDREN)", "a BAD LSUB: Unexpected text at the end of the command");
}

// RFC 5258 §5, RFC 6154 §5, RFC 5819 §4
TEST(ImapList, selection_and_return_options) {
    auto const subscribed = parsed<List>("A02 LIST (SUBSCRIBED) \"\" \"*\"");
    CHECK_TRUE(subscribed.extended && subscribed.selection.subscribed && subscribed.returns.subscribed);
    CHECK_TRUE(parsed<List>("A03 LIST () \"\" \"%\" RETURN (CHILDREN)").returns.children);
    auto const recursive = parsed<List>("C04 LIST (SUBSCRIBED RECURSIVEMATCH REMOTE) \"\" \"%\" RETURN (SUBSCRIBED)");
    CHECK_TRUE(recursive.selection.recursive_match && recursive.selection.remote && recursive.returns.subscribed);
    CHECK_TRUE(parsed<List>("t3 LIST (SPECIAL-USE) \"\" \"*\"").selection.special_use);
    auto const special = parsed<List>("t1 list \"\" \"%\" return (special-use children)");
    CHECK_TRUE(special.returns.special_use && special.returns.children && special.extended);
    auto const status = parsed<List>("A01 LIST \"\" % RETURN (STATUS (MESSAGES UNSEEN) SUBSCRIBED)");
    CHECK_TRUE(status.returns.status == (std::vector{StatusItem::messages, StatusItem::unseen}));
    CHECK_TRUE(status.returns.subscribed);
    CHECK_TRUE(parsed<List>("a LIST \"\" % RETURN ()").extended);
}

TEST(ImapList, several_patterns) {
    auto const list = parsed<List>("BBB LIST \"\" (\"INBOX\" \"Drafts\" Sent/%)");
    STRCMP_EQUAL("<INBOX><Drafts><Sent/%>", patterns(list).c_str());
    CHECK_TRUE(list.extended);
}

TEST(ImapList, malformed_lists_are_bad) {
    refused("a LIST", "a BAD LIST: Arguments are missing");
    refused("a LIST \"\"", "a BAD LIST: Arguments are missing");
    refused("a LIST \"\" ", "a BAD LIST: Expected a mailbox name or pattern");
    refused("a LIST * %", "a BAD LIST: Expected an atom or a string");
    refused("a LIST \"\" ()", "a BAD LIST: Expected a mailbox name or pattern");
    refused("a LIST (FOO) \"\" *", "a BAD LIST: Unknown selection option FOO");
    refused("a LIST (RECURSIVEMATCH) \"\" *", "a BAD LIST: RECURSIVEMATCH needs another selection option");
    refused("a LIST (RECURSIVEMATCH REMOTE) \"\" *", "a BAD LIST: RECURSIVEMATCH needs another selection option");
    refused("a LIST (SUBSCRIBED)\"\" *", "a BAD LIST: A space is missing");
    refused("a LIST \"\" * RETURN", "a BAD LIST: Arguments are missing");
    refused("a LIST \"\" * RETURN (FOO)", "a BAD LIST: Unknown return option FOO");
    refused("a LIST \"\" * RETURN (STATUS)", "a BAD LIST: A space is missing");
    refused("a LIST \"\" * CHILDREN", "a BAD LIST: Expected RETURN");
    std::string many = "a LIST \"\" (a";
    for (int i = 0; i < 100; ++i) many += " a";
    refused(many + ")", "a BAD LIST: Too many patterns");
}

} // namespace imap_list_test
