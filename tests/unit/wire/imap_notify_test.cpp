#include "imap_parsed.h"
#include "wire/imap_fetch.h"
#include "wire/imap_notify.h"

#include <CppUTest/TestHarness.h>

#include <string>

namespace imap_notify_test {

using namespace postern;
using namespace postern::wire::imap;

namespace {

using Filter = MailboxFilter::Kind;

void malformed(std::string const& arguments, std::string const& why) {
    refused("a NOTIFY " + arguments, "a BAD NOTIFY: " + why);
}

} // namespace

TEST_GROUP(ImapNotify){};

// RFC 5465 §8
TEST(ImapNotify, sets_events_of_groups_of_mailboxes) {
    auto const notify =
        parsed<Notify>("a notify set (mailboxes INBOX (Messagenew messageExpunge)) "
                       "(personal (SubscriptionChange)) (Subtree (a \"b/c\") (mailboxname)) (INBOXES none)");
    CHECK_TRUE(!notify.status && !notify.unknown);
    CHECK_EQUAL(4U, notify.groups.size());
    CHECK_TRUE(notify.groups[0].filter.kind == Filter::mailboxes);
    CHECK_TRUE(notify.groups[0].filter.names == std::vector<std::string>{"INBOX"});
    CHECK_TRUE(notify.groups[0].events == (NotifyEvent::message_new | NotifyEvent::message_expunge));
    CHECK_TRUE(notify.groups[1].filter.kind == Filter::personal);
    CHECK_TRUE(notify.groups[1].events == NotifyEvents(NotifyEvent::subscription_change));
    CHECK_TRUE(notify.groups[2].filter.kind == Filter::subtree);
    CHECK_TRUE((notify.groups[2].filter.names == std::vector<std::string>{"a", "b/c"}));
    CHECK_TRUE(notify.groups[3].filter.kind == Filter::inboxes);
    CHECK_TRUE(notify.groups[3].events.empty());
    CHECK_TRUE(parsed<Notify>("a NOTIFY NONE").groups.empty());
    CHECK_TRUE(parsed<Notify>("a NOTIFY SET STATUS (SUBSCRIBED NONE)").status);
}

// §3.1, whose example leaves the parentheses out.
TEST(ImapNotify, new_messages_of_the_selected_mailbox_have_data_items) {
    for (std::string const events : {"MessageNew (uid body.peek[header.fields (from to subject)]) MessageExpunge",
                                     "(MessageExpunge MessageNew (uid body.peek[header.fields (from to subject)]))"}) {
        auto const notify = parsed<Notify>("b notify set status (selected " + events + ") (personal (MailboxName))");
        CHECK_TRUE(notify.groups[0].filter.kind == Filter::selected);
        CHECK_EQUAL(2U, notify.groups[0].items.size());
        STRCMP_EQUAL("BODY[HEADER.FIELDS (from to subject)]", response_name(notify.groups[0].items[1]).c_str());
    }
    CHECK_TRUE(parsed<Notify>("b NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge FlagChange))")
                   .groups[0]
                   .items.empty());
}

TEST(ImapNotify, events_that_are_not_known_are_good_syntax) {
    auto const notify = parsed<Notify>("a NOTIFY SET (PERSONAL (MailboxName WeatherChange))");
    CHECK_TRUE(notify.unknown);
    CHECK_TRUE(notify.groups[0].events == NotifyEvents(NotifyEvent::mailbox_name));
    CHECK_TRUE(parsed<Notify>("a NOTIFY SET (PERSONAL (ServerMetadataChange))").groups[0].events ==
               NotifyEvents(NotifyEvent::server_metadata_change));
    STRCMP_EQUAL("ServerMetadataChange", std::string(event_name(NotifyEvent::server_metadata_change)).c_str());
}

TEST(ImapNotify, events_go_together) {
    malformed("SET (PERSONAL (MessageNew))", "MessageNew and MessageExpunge go together");
    malformed("SET (PERSONAL (MessageExpunge))", "MessageNew and MessageExpunge go together");
    malformed("SET (PERSONAL (FlagChange))", "FlagChange and AnnotationChange need MessageNew and MessageExpunge");
    malformed("SET (PERSONAL (AnnotationChange))",
              "FlagChange and AnnotationChange need MessageNew and MessageExpunge");
    malformed("SET (SELECTED (MailboxName))", "Only events of messages are told of the selected mailbox");
    malformed("SET (PERSONAL (MessageNew (UID) MessageExpunge))", "Data items are told of the selected mailbox only");
    malformed("SET (SELECTED NONE) (SELECTED NONE)", "The selected mailbox is named twice");
}

TEST(ImapNotify, malformed_ones_are_bad) {
    refused("a NOTIFY", "a BAD NOTIFY: Arguments are missing");
    malformed("SOME", "Expected SET or NONE");
    malformed("NONE (PERSONAL NONE)", "Unexpected text at the end of the command");
    malformed("SET", "Arguments are missing");
    malformed("SET STATUS", "Arguments are missing");
    malformed("SET PERSONAL NONE", "Missing (");
    malformed("SET (EVERYTHING NONE)", "Unknown choice of mailboxes EVERYTHING");
    malformed("SET (SUBTREE-ONE a NONE)", "NOTIFY knows no such choice of mailboxes");
    malformed("SET (PERSONAL)", "A space is missing");
    malformed("SET (PERSONAL ())", "Expected an event");
    malformed("SET (PERSONAL (MailboxName)", "The command ends too early, missing )");
    malformed("SET (MAILBOXES () NONE)", "Expected an atom or a string");
    malformed("SET (SUBTREE (a b NONE)", "Arguments are missing");
}

TEST(ImapNotify, has_limits) {
    std::string groups = "a NOTIFY SET", names = "a NOTIFY SET (MAILBOXES (x";
    for (int i = 0; i < 101; ++i) groups += " (PERSONAL NONE)";
    for (int i = 0; i < 1'000; ++i) names += " x";
    refused(groups, "a NO [NOTIFICATIONOVERFLOW] That is too much to watch");
    refused(names + ") NONE)", "a NO [NOTIFICATIONOVERFLOW] That is too much to watch");
}

} // namespace imap_notify_test
