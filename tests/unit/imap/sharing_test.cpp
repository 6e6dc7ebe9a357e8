// Several sessions in one mailbox (RFC 2180, RFC 3501 §5.2, §7.4.1).
#include "imap_client.h"
#include "store/accounts.h"

using namespace postern;
using namespace postern::test;

TEST_GROUP(ImapSharing) {
    ImapOffice office;
    ImapClient client{office};
    ImapClient other{office};

    void setup() override {
        client.log_in();
        other.log_in();
        for (int i = 1; i <= 4; ++i) client.append("INBOX", std::format("Subject: {}\r\n\r\n", i), "(\\Seen) ");
        client.say("SELECT INBOX");
        other.say("SELECT INBOX");
    }
    void expunge_second() {
        other.say("STORE 2 +FLAGS.SILENT (\\Deleted)");
        other.say("EXPUNGE");
    }
};

TEST(ImapSharing, new_mail_is_announced_at_the_next_command) {
    other.append("INBOX", "a: b\r\n\r\n");
    CHECK_ANSWER("* 5 EXISTS\r\n* 4 RECENT\r\nOK Nothing done\r\n", client.say("NOOP"));
}

TEST(ImapSharing, numbers_stay_while_they_are_in_use) {
    expunge_second();
    // By number nothing may be expunged, by UID it may.
    CHECK_ANSWER("* 3 FETCH (UID 3)\r\nOK Fetched\r\n", client.say("FETCH 3 UID"));
    CHECK_ANSWER("* 4 FETCH (FLAGS (\\Flagged \\Recent))\r\nOK Stored\r\n", client.say("STORE 4 FLAGS (\\Flagged)"));
    CHECK_ANSWER("* SEARCH 1 3 4\r\nOK Searched\r\n", client.say("SEARCH ALL"));
    CHECK_ANSWER("* 3 FETCH (UID 3)\r\n* 2 EXPUNGE\r\nOK Fetched\r\n", client.say("UID FETCH 3 UID"));
    CHECK_ANSWER("* 2 FETCH (UID 3)\r\nOK Fetched\r\n", client.say("FETCH 2 UID"));
}

// RFC 2180 §4.1, RFC 5530 §3
TEST(ImapSharing, what_was_expunged_cannot_be_fetched_any_more) {
    expunge_second();
    CHECK_ANSWER("* 1 FETCH (UID 1)\r\n* 3 FETCH (UID 3)\r\nOK [EXPUNGEISSUED] Some of the messages were expunged\r\n",
                 client.say("FETCH 1:3 UID"));
    CHECK_ANSWER("NO [EXPUNGEISSUED] Those messages were expunged\r\n", client.say("FETCH 2 UID"));
    CHECK_ANSWER("NO [EXPUNGEISSUED] Those messages were expunged\r\n", client.say("STORE 2 +FLAGS (\\Seen)"));
    CHECK_ANSWER("* 2 EXPUNGE\r\nNO [EXPUNGEISSUED] The message was expunged\r\n", client.say("COPY 1:3 Archive"));
    CHECK_HAS("MESSAGES 0", client.say("STATUS Archive (MESSAGES)"));
}

TEST(ImapSharing, uids_are_never_used_again) {
    other.say("STORE 1:* +FLAGS.SILENT (\\Deleted)");
    other.say("EXPUNGE");
    CHECK_HAS("APPENDUID ", other.append("INBOX", "a: b\r\n\r\n"));
    CHECK_HAS("* 1 FETCH (UID 5)\r\n", other.say("FETCH 1 UID"));
    CHECK_ANSWER("* 4 EXPUNGE\r\n* 3 EXPUNGE\r\n* 2 EXPUNGE\r\n* 1 EXPUNGE\r\n* 1 EXISTS\r\n* 0 RECENT\r\n"
                 "OK Nothing done\r\n",
                 client.say("NOOP"));
}

TEST(ImapSharing, a_body_that_is_being_sent_outlives_its_message) {
    std::string const message = "Subject: long\r\n\r\n" + std::string(1'000'000, 'x') + "\r\n";
    client.append("INBOX", message);
    client.stream().set_output_capacity(10'000);
    client.feed("f FETCH 5 BODY.PEEK[]\r\n");
    CHECK_HAS(std::format("* 5 FETCH (BODY[] {{{}}}\r\n", message.size()), client.read_until("}\r\n"));
    CHECK_HAS("* 5 EXISTS", other.say("NOOP"));
    other.say("STORE 5 +FLAGS.SILENT (\\Deleted)");
    CHECK_HAS("* 5 EXPUNGE", other.say("EXPUNGE"));
    client.stream().set_output_capacity(10'000'000);
    CHECK(client.answer_of("f").starts_with(message + ")\r\n"));
}

// RFC 2180 §3: it becomes an empty one.
TEST(ImapSharing, a_mailbox_that_is_deleted_while_it_is_selected_is_empty) {
    client.say("CREATE gone");
    client.append("gone", "a: b\r\n\r\n");
    client.say("SELECT gone");
    CHECK_HAS("OK Deleted", other.say("DELETE gone"));
    CHECK_HAS("* 1 EXPUNGE\r\nOK Nothing done\r\n", client.say("NOOP"));
    CHECK_ANSWER("OK Fetched\r\n", client.say("FETCH 1:* FLAGS"));
    CHECK_ANSWER("* SEARCH\r\nOK Searched\r\n", client.say("SEARCH ALL"));
    CHECK_HAS("NO [NONEXISTENT] ", client.say("EXPUNGE"));
    CHECK_HAS("OK Closed\r\n", client.say("CLOSE"));
    CHECK_HAS("NO [NONEXISTENT] ", client.say("SELECT gone"));
}

TEST(ImapSharing, a_mailbox_that_is_renamed_while_it_is_selected_stays) {
    client.say("CREATE before");
    client.append("before", "a: b\r\n\r\n");
    client.say("SELECT before");
    other.say("RENAME before after");
    CHECK_HAS("* 1 FETCH (UID 1)\r\n", client.say("FETCH 1 UID"));
    other.append("after", "a: b\r\n\r\n");
    CHECK_HAS("* 2 EXISTS", client.say("NOOP"));
}

TEST(ImapSharing, who_has_no_account_any_more_has_to_go) {
    auto const removed = office.store().write_here(
        [&](store::WriteTransaction& transaction) { return store::remove_account(transaction, office.alice); });
    CHECK(removed.has_value());
    client.feed("a NOOP\r\n");
    CHECK_HAS("* BYE The account was removed\r\n", client.read_to_end());
    other.feed("a UNSELECT\r\nb LIST \"\" *\r\n");
    CHECK_HAS("* BYE The account was removed\r\n", other.read_to_end());
}

// However much happens meanwhile, nothing is kept for a session but what it has to look at again.
TEST(ImapSharing, a_mailbox_that_forgot_its_changes_is_told_right) {
    for (int i = 0; i < 1'200; ++i) {
        other.say("STORE 1 +FLAGS.SILENT (\\Flagged)");
        other.say("STORE 1 -FLAGS.SILENT (\\Flagged)");
    }
    other.say("STORE 3 +FLAGS.SILENT (\\Deleted)");
    other.say("EXPUNGE");
    other.append("INBOX", "a: b\r\n\r\n");
    std::string const answer = client.say("NOOP");
    CHECK_HAS("* 3 EXPUNGE\r\n* 4 EXISTS\r\n", answer);
    CHECK_HAS("* 1 FETCH (FLAGS (\\Seen \\Recent))\r\n", answer);
    CHECK_HAS("* 3 FETCH (UID 4)\r\n* 4 FETCH (UID 5)\r\n", client.say("FETCH 1:* UID"));
}
