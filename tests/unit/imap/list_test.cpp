#include "imap/list.h"

#include <CppUTest/TestHarness.h>

using namespace postern;

namespace {

// Each line as its name, its attributes but \\Has..., and what its children were selected by.
std::string listed(wire::imap::List const& command, std::vector<std::string> const& names,
                   std::vector<std::string> subscriptions) {
    std::vector<office::Reached> mailboxes;
    for (std::string const& name : names) {
        mailboxes.push_back({.mailbox = {}, .name = name, .rights = core::Rights::all()});
        mailboxes.back().mailbox.name = name;
    }
    std::string out;
    for (imap::Listed const& line : imap::select_listed(command, mailboxes, subscriptions)) {
        out += out.empty() ? "" : " ";
        out += line.name;
        for (std::string const& attribute : line.attributes)
            if (!attribute.starts_with("\\Has")) out += attribute;
        for (std::string const& option : line.child_info) out += "+" + option;
    }
    return out;
}

wire::imap::List select_by(std::string pattern, bool subscribed, bool recursive) {
    wire::imap::List command;
    command.extended = true;
    command.patterns = {std::move(pattern)};
    command.selection.subscribed = command.returns.subscribed = subscribed;
    command.selection.recursive_match = recursive;
    return command;
}

} // namespace

// The examples of RFC 5258 §5 and RFC 9051 §6.3.9.8.
TEST_GROUP(ImapList){};

TEST(ImapList, a_subscribed_name_need_not_exist) {
    STRCMP_EQUAL("Fruit/Banana\\Subscribed Fruit/Peach\\NonExistent\\Subscribed Vegetable\\Subscribed",
                 listed(select_by("*", true, false), {"Fruit", "Fruit/Banana", "Vegetable"},
                        {"Fruit/Banana", "Fruit/Peach", "Vegetable"})
                     .c_str());
}

TEST(ImapList, who_asks_for_children_is_told_of_a_name_that_does_not_exist) {
    auto command = select_by("*", true, false);
    auto const attributes = [&] {
        return imap::select_listed(command, std::vector<office::Reached>(), {"Fruit/Peach"}).at(0).attributes;
    };
    CHECK(attributes() == (std::vector<std::string>{"\\NonExistent", "\\Subscribed"}));
    command.returns.children = true;
    CHECK(attributes() == (std::vector<std::string>{"\\NonExistent", "\\HasNoChildren", "\\Subscribed"}));
}

TEST(ImapList, what_is_above_a_chosen_one_is_shown_for_it) {
    STRCMP_EQUAL("", listed(select_by("%", true, false), {"Foo", "Foo/Bar", "Foo/Baz", "Moo"}, {"Foo/Baz"}).c_str());
    STRCMP_EQUAL("Foo+SUBSCRIBED",
                 listed(select_by("%", true, true), {"Foo", "Foo/Bar", "Foo/Baz", "Moo"}, {"Foo/Baz"}).c_str());
    STRCMP_EQUAL("Foo\\Subscribed+SUBSCRIBED",
                 listed(select_by("%", true, true), {"Foo", "Foo/Bar", "Foo/Baz"}, {"Foo", "Foo/Baz"}).c_str());
    STRCMP_EQUAL("Foo\\NonExistent+SUBSCRIBED", listed(select_by("%", true, true), {"Moo"}, {"Foo/Baz"}).c_str());
    STRCMP_EQUAL("", listed(select_by("%", true, true), {"Foo", "Foo/Bar"}, {}).c_str());
}

TEST(ImapList, what_is_above_is_not_shown_if_all_that_is_chosen_shows_itself) {
    STRCMP_EQUAL(
        "baz2/bar2\\Subscribed baz2/bar22\\Subscribed baz2/bar222\\Subscribed eps2\\Subscribed+SUBSCRIBED "
        "foo2+SUBSCRIBED foo2/bar2\\Subscribed qux2/bar2\\Subscribed",
        listed(select_by("*2", true, true),
               {"foo2", "foo2/bar1", "foo2/bar2", "baz2", "baz2/bar2", "baz2/bar22", "baz2/bar222", "eps2",
                "eps2/mamba", "qux2/bar2"},
               {"foo2/bar1", "foo2/bar2", "baz2/bar2", "baz2/bar22", "baz2/bar222", "eps2", "eps2/mamba", "qux2/bar2"})
            .c_str());
}

// RFC 3501 §6.3.8: levels of the hierarchy that are no mailboxes are shown by "%" at the end alone.
TEST(ImapList, levels_without_a_mailbox_are_shown_where_the_pattern_ends_with_them) {
    std::vector<std::string> const names{"INBOX", "Other Users/bob/A", "Other Users/bob/A/B/C", "Shared/X"};
    STRCMP_EQUAL("INBOX Other Users\\Noselect Shared\\Noselect",
                 listed(select_by("%", false, false), names, {}).c_str());
    STRCMP_EQUAL("Other Users/bob\\Noselect", listed(select_by("Other Users/%", false, false), names, {}).c_str());
    STRCMP_EQUAL("Other Users/bob/A/B\\Noselect",
                 listed(select_by("Other Users/bob/A/%", false, false), names, {}).c_str());
    STRCMP_EQUAL("INBOX Other Users/bob/A Other Users/bob/A/B/C Shared/X",
                 listed(select_by("*", false, false), names, {}).c_str());
    STRCMP_EQUAL("", listed(select_by("Other%Users", false, false), names, {}).c_str());
}

// RFC 4314 §4, LSUB
TEST(ImapList, a_subscription_to_what_others_own_is_shown_while_that_may_be_looked_up) {
    STRCMP_EQUAL(
        "Mine\\NonExistent\\Subscribed Shared/X\\Subscribed",
        listed(select_by("*", true, false), {"INBOX", "Shared/X"}, {"Mine", "Other Users/bob/A", "Shared/X"}).c_str());
}
