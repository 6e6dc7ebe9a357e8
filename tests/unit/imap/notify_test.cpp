// NOTIFY where it meets limits, races and ends; what it tells is in tests/protocol/imap/notify*.transcript.
#include "imap/account_bell.h"
#include "imap_client.h"
#include "store/accounts.h"
#include "store/acl.h"
#include "store/mailboxes.h"
#include "store/messages.h"

using namespace postern;
using namespace postern::test;

TEST_GROUP(ImapNotify) {
    ImapOffice office;
    ImapClient client{office};
    ImapClient other{office};

    void setup() override {
        client.log_in();
        other.log_in();
    }
    // While no session runs.
    void append_to(std::string const& name) {
        auto const appended = office.store().write_here([&](store::WriteTransaction& t) {
            store::NewMessage message;
            message.body = "a: b\r\n\r\n";
            message.size = 8;
            return store::append(t, message, {store::find_mailbox(t, office.alice, name).value().id, {}, {}}, {}, {});
        });
        CHECK(appended.has_value());
    }
    void rename(std::string const& from, std::string const& to) {
        auto const renamed = office.store().write_here(
            [&](store::WriteTransaction& t) { return store::rename_mailbox(t, office.alice, from, to, {}); });
        CHECK(renamed.has_value());
    }
    void grant_bob(std::string const& name, core::Rights rights) {
        auto const granted = office.store().write_here([&](store::WriteTransaction& t) {
            return store::set_acl_entry(t, store::find_mailbox(t, office.alice, name).value().id,
                                        {office.bob, rights, {}});
        });
        CHECK(granted.has_value());
    }
    static std::size_t count(std::string_view piece, std::string_view text) {
        std::size_t times = 0;
        for (auto at = text.find(piece); at != text.npos; at = text.find(piece, at + 1)) ++times;
        return times;
    }
};

TEST(ImapNotify, tells_of_more_mailboxes_than_it_remembers) {
    std::size_t const many = imap::AccountBell::most_mailboxes + 10;
    for (std::size_t i = 0; i < many; ++i) client.say(std::format("CREATE x/{}", i));
    client.say("NOTIFY SET (SUBTREE x (MessageNew MessageExpunge))");
    for (std::size_t i = 0; i < many; ++i) append_to(std::format("x/{}", i));
    std::string const answer = client.say("NOOP");
    LONGS_EQUAL(many, count("* STATUS x/", answer));
    CHECK_HAS("* STATUS x/7 (MESSAGES 1 UIDNEXT 2)\r\n", answer);
    CHECK_ANSWER("OK Nothing done\r\n", client.say("NOOP"));
}

TEST(ImapNotify, tells_once_of_what_happened_many_times) {
    client.say("NOTIFY SET (INBOXES (MessageNew MessageExpunge))");
    for (int i = 0; i < 100; ++i) append_to("INBOX");
    CHECK_ANSWER("* STATUS INBOX (MESSAGES 100 UIDNEXT 101)\r\nOK Nothing done\r\n", client.say("NOOP"));
}

TEST(ImapNotify, a_child_that_went_elsewhere_is_told_of) {
    for (char const* name : {"a/x", "a/y", "a/y/z"}) client.say(std::format("CREATE {}", name));
    client.say("NOTIFY SET (PERSONAL (MailboxName))");
    rename("a/x", "c");
    rename("a", "b");
    CHECK_ANSWER("* LIST (\\HasChildren) \"/\" b (\"OLDNAME\" (a))\r\n"
                 "* LIST (\\HasNoChildren) \"/\" c (\"OLDNAME\" (a/x))\r\nOK Nothing done\r\n",
                 client.say("NOOP"));
}

TEST(ImapNotify, a_long_message_is_told_whole) {
    client.say("SELECT INBOX");
    client.say("NOTIFY SET (SELECTED (MessageNew (BODY.PEEK[TEXT]) MessageExpunge))");
    std::string const text(300'000, 'x');
    other.append("INBOX", "a: b\r\n\r\n" + text);
    CHECK_ANSWER("* 1 EXISTS\r\n* 1 RECENT\r\n* 1 FETCH (BODY[TEXT] {300000}\r\n" + text + ")\r\n",
                 client.read_until(")\r\n"));
}

TEST(ImapNotify, what_happens_while_a_command_arrives_is_told_before_its_answer) {
    client.say("NOTIFY SET (PERSONAL (MailboxName))");
    client.feed("x CREATE {4}\r\n");
    CHECK_HAS("+ ", client.read_until("\r\n"));
    other.say("CREATE theirs");
    client.feed("mine\r\n");
    std::string const answer = client.answer_of("x");
    CHECK_HAS("* LIST (\\HasNoChildren) \"/\" theirs\r\nOK [MAILBOXID ", answer);
    CHECK(!answer.contains("mine"));
}

TEST(ImapNotify, nothing_is_told_of_what_close_expunges) {
    client.append("INBOX", "a: b\r\n\r\n", "(\\Deleted) ");
    client.say("NOTIFY SET (SELECTED (MessageNew MessageExpunge)) (PERSONAL (MessageNew MessageExpunge))");
    client.say("SELECT INBOX");
    CHECK_ANSWER("OK Closed\r\n", client.say("CLOSE"));
    other.append("INBOX", "a: b\r\n\r\n");
    CHECK_ANSWER("* STATUS INBOX (MESSAGES 1 UIDNEXT 3)\r\n", client.read_until("\r\n"));
}

// RFC 5465 §6.5
TEST(ImapNotify, a_slash_at_the_end_of_a_name_means_nothing) {
    client.say("CREATE Work/2026");
    client.say("NOTIFY SET (SUBTREE Work/ (MessageNew MessageExpunge))");
    append_to("Work/2026");
    append_to("INBOX");
    CHECK_ANSWER("* STATUS Work/2026 (MESSAGES 1 UIDNEXT 2)\r\nOK Nothing done\r\n", client.say("NOOP"));
}

TEST(ImapNotify, tells_of_more_shared_mailboxes_than_it_remembers) {
    std::size_t const many = imap::AccountBell::most_mailboxes + 10;
    client.say("CREATE x");
    client.say("SETACL x bob lr");
    for (std::size_t i = 0; i < many; ++i) client.say(std::format("CREATE x/{}", i));
    ImapClient bob(office);
    bob.log_in("bob");
    bob.say("NOTIFY SET (SUBTREE \"Other Users\" (MessageNew MessageExpunge))");
    for (std::size_t i = 0; i < many; ++i) append_to(std::format("x/{}", i));
    std::string const answer = bob.say("NOOP");
    LONGS_EQUAL(many, count("* STATUS \"Other Users/alice/x/", answer));
    CHECK_ANSWER("OK Nothing done\r\n", bob.say("NOOP"));
}

// RFC 5465 §5.9: what happened before the right was taken away was not told yet, and is not told any more.
TEST(ImapNotify, what_was_not_told_before_a_right_is_taken_away_is_not_told) {
    client.say("CREATE x");
    client.say("SETACL x bob lr");
    ImapClient bob(office);
    bob.log_in("bob");
    bob.say("NOTIFY SET (SUBTREE \"\" (MessageNew MessageExpunge))");
    append_to("x");
    grant_bob("x", core::Right::lookup);
    CHECK_ANSWER("OK Nothing done\r\n", bob.say("NOOP"));
    append_to("x");
    CHECK_ANSWER("OK Nothing done\r\n", bob.say("NOOP"));
    grant_bob("x", core::Right::lookup | core::Right::read);
    CHECK_ANSWER("* STATUS \"Other Users/alice/x\" (MESSAGES 2 UIDNEXT 3)\r\n", bob.read_until("\r\n"));
}

// Administrators reach what belongs to the office by no list.
TEST(ImapNotify, administrators_hear_of_what_belongs_to_the_office) {
    client.say("NOTIFY SET (SUBTREE Shared (MessageNew MessageExpunge MailboxName))");
    other.say("CREATE Shared/Info");
    CHECK_ANSWER("* LIST (\\HasNoChildren) \"/\" Shared/Info\r\n", client.read_until("\r\n"));
    other.append("Shared/Info", "a: b\r\n\r\n");
    CHECK_ANSWER("* STATUS Shared/Info (MESSAGES 1 UIDNEXT 2)\r\n", client.read_until("\r\n"));
}

// RFC 5465 §5
TEST(ImapNotify, rights_that_a_client_changes_itself_are_not_told) {
    client.say("CREATE x");
    client.say("SETACL x bob lra");
    ImapClient bob(office);
    bob.log_in("bob");
    bob.say("NOTIFY SET (SUBTREE \"Other Users\" (MailboxName))");
    CHECK_ANSWER("OK The list names it no more\r\n", bob.say("DELETEACL \"Other Users/alice/x\" bob"));
    client.say("SETACL x bob l");
    CHECK_ANSWER("* LIST (\\HasNoChildren) \"/\" \"Other Users/alice/x\"\r\n", bob.read_until("\r\n"));
}

// RFC 5465 §6.1: nothing else than the selected mailbox is listened to, and that is somebody else's.
TEST(ImapNotify, a_selected_mailbox_of_somebody_else_is_told_of_at_once) {
    client.say("CREATE x");
    client.say("SETACL x anyone lr");
    ImapClient bob(office);
    bob.log_in("bob");
    bob.say("SELECT \"Other Users/alice/x\"");
    bob.say("NOTIFY SET (SELECTED (MessageNew (UID) MessageExpunge))");
    client.append("x", "a: b\r\n\r\n");
    CHECK_ANSWER("* 1 EXISTS\r\n* 1 RECENT\r\n* 1 FETCH (UID 1)\r\n", bob.read_until(")\r\n"));
    bob.feed("i IDLE\r\n");
    CHECK_HAS("+ ", bob.read_until("\r\n"));
    client.append("x", "a: b\r\n\r\n");
    CHECK_ANSWER("* 2 EXISTS\r\n* 2 RECENT\r\n* 2 FETCH (UID 2)\r\n", bob.read_until(")\r\n"));
}

TEST(ImapNotify, ends_with_the_login) {
    client.say("NOTIFY SET (PERSONAL (MessageNew MessageExpunge MailboxName))");
    client.say("UNAUTHENTICATE");
    other.append("INBOX", "a: b\r\n\r\n");
    client.log_in();
    other.say("CREATE x");
    CHECK_ANSWER("OK Nothing done\r\n", client.say("NOOP"));
}

TEST(ImapNotify, ends_the_session_of_an_account_that_is_removed) {
    client.say("NOTIFY SET (PERSONAL (MailboxName))");
    auto const removed =
        office.store().write_here([&](store::WriteTransaction& t) { return store::remove_account(t, office.alice); });
    CHECK(removed.has_value());
    CHECK_ANSWER("* BYE The account was removed\r\n", client.read_to_end());
}

TEST(ImapNotify, what_there_is_no_room_to_watch_is_refused) {
    client.say("NOTIFY SET (INBOXES (MessageNew MessageExpunge))");
    office.memory.set_ceiling(office.memory.held());
    CHECK_HAS("NO [NOTIFICATIONOVERFLOW] ", client.say("NOTIFY SET (PERSONAL (MailboxName))"));
    append_to("INBOX"); // what was asked for before is told still
    CHECK_ANSWER("* STATUS INBOX (MESSAGES 1 UIDNEXT 2)\r\n", client.read_until("\r\n"));
    // RFC 5465 §5.8
    other.say(std::format("CREATE {}", std::string(200, 'x')));
    CHECK_HAS("* OK [NOTIFICATIONOVERFLOW] ", client.read_until("\r\n"));
    append_to("INBOX");
    CHECK_ANSWER("OK Nothing done\r\n", client.say("NOOP"));
}
