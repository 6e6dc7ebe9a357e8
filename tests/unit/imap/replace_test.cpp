#include "imap_client.h"
#include "store/check.h"

using namespace postern::test;

TEST_GROUP(ImapReplace) {
    ImapOffice office;
    ImapClient client{office};

    void setup() override {
        client.log_in();
        for (int i = 1; i <= 3; ++i) client.append("Drafts", std::format("Subject: {}\r\n\r\n", i), "(\\Draft) ");
        client.say("SELECT Drafts");
    }
};

// RFC 8508 §3.2, §4.3
TEST(ImapReplace, tells_the_new_uid_and_what_arrived_before_the_expunge) {
    std::string const answer = client.say("REPLACE 2 Drafts (\\Draft k) {4+}\r\na: b");
    CHECK_HAS(" 4] The new message is there\r\n* 4 EXISTS\r\n", answer);
    CHECK_HAS("* 2 EXPUNGE\r\nOK Replaced\r\n", answer);
    CHECK(answer.starts_with("* OK [APPENDUID "));
    CHECK_HAS("* 3 FETCH (UID 4 FLAGS (\\Draft \\Recent k) BODY[] {4}\r\na: b)\r\n",
              client.say("FETCH 3 (UID FLAGS BODY.PEEK[])"));
    CHECK_HAS("* SEARCH 1 3 4\r\n", client.say("UID SEARCH ALL"));
}

TEST(ImapReplace, into_another_mailbox) {
    ImapClient other(office);
    other.log_in();
    other.say("SELECT Sent");
    std::string const answer = client.say("UID REPLACE 3 Sent (\\Seen) {4+}\r\na: b");
    CHECK_HAS(" 1] The new message is there\r\n* 3 EXPUNGE\r\nOK ", answer);
    CHECK_HAS("* 1 EXISTS\r\n", other.say("NOOP"));
    CHECK_HAS("MESSAGES 2", client.say("STATUS Drafts (MESSAGES)"));
}

TEST(ImapReplace, with_qresync_tells_vanished_and_up_to_where) {
    client.say("ENABLE QRESYNC");
    std::string const answer = client.say("UID REPLACE 1 Drafts {4+}\r\na: b");
    CHECK_HAS("* VANISHED 1\r\n", answer);
    CHECK_HAS("OK [HIGHESTMODSEQ 6] Replaced\r\n", answer);
}

// RFC 8508 §4.2
TEST(ImapReplace, takes_catenated_parts_of_what_it_replaces) {
    CHECK_HAS(
        "OK Replaced",
        client.say("REPLACE * Drafts CATENATE (URL /Drafts/;UID=3 TEXT {2+}\r\nmo URL /Drafts/;UID=3/;PARTIAL=0.2)"));
    CHECK_HAS("Subject: 3\r\n\r\nmoSu)\r\n", client.say("FETCH * BODY.PEEK[]"));
}

TEST(ImapReplace, that_is_refused_leaves_the_old_one) {
    client.feed("a REPLACE 2 nowhere {4}\r\n");
    CHECK_HAS("NO [TRYCREATE] ", client.answer_of("a"));
    client.feed("b UID REPLACE 9 Drafts {4}\r\n");
    CHECK_HAS("NO There is no such message", client.answer_of("b"));
    client.feed("c REPLACE 4 Drafts {4}\r\n");
    CHECK_HAS("BAD There is no message of that number", client.answer_of("c"));
    CHECK_HAS("BAD REPLACE: One message", client.say("REPLACE 1:2 Drafts {4+}\r\na: b"));
    CHECK_HAS("NO [BADURL ", client.say("REPLACE 2 Drafts CATENATE (URL /Drafts/;UID=9)"));
    CHECK_HAS("NO [TOOBIG] ", client.say("REPLACE 2 Drafts {60000000}"));
    // RFC 8508 §4.7: one message, whatever MULTIAPPEND may do.
    CHECK_HAS("BAD The literal stands where none may", client.say("REPLACE 2 Drafts {4+}\r\na: b {4+}\r\na: c"));
    client.say("EXAMINE Drafts");
    CHECK_HAS("NO The mailbox was opened by EXAMINE", client.say("REPLACE 2 Drafts {4+}\r\na: b"));
    client.say("UNSELECT");
    CHECK_HAS("BAD Select a mailbox first", client.say("REPLACE 2 Drafts {4+}\r\na: b"));
    CHECK_HAS("MESSAGES 3 UIDNEXT 4", client.say("STATUS Drafts (MESSAGES UIDNEXT)"));
    CHECK(postern::store::check(office.store(), true).value().problems.empty());
}

TEST(ImapReplace, of_a_message_that_others_expunge_meanwhile_adds_nothing) {
    client.feed("a REPLACE 2 Drafts {4}\r\n");
    CHECK_ANSWER("+ Ready for the message\r\n", client.read_until("\r\n"));
    ImapClient other(office);
    other.log_in();
    other.say("SELECT Drafts");
    other.say("STORE 2 +FLAGS.SILENT (\\Deleted)");
    other.say("EXPUNGE");
    client.feed("a: b\r\n");
    std::string const answer = client.answer_of("a");
    CHECK_HAS("* 2 EXPUNGE\r\n", answer);
    CHECK_HAS("NO [EXPUNGEISSUED] ", answer);
    CHECK_HAS("MESSAGES 2", client.say("STATUS Drafts (MESSAGES)"));
}

// RFC 9208 says of a quota that it limits what is there, so a draft can be replaced in a full account.
TEST(ImapReplace, counts_only_what_the_new_message_has_more) {
    CHECK(office.set("account.quota", "50").has_value());
    ImapClient small(office);
    small.log_in();
    small.say("SELECT Drafts");
    CHECK_HAS("OK Replaced", small.say("REPLACE 1 Drafts {20+}\r\n" + std::string(20, 'x')));
    CHECK_HAS("NO [OVERQUOTA] ", small.say("REPLACE 1 Drafts {40+}\r\n" + std::string(40, 'x')));
}

TEST(ImapReplace, takes_a_literal8_and_utf8) {
    CHECK_HAS("OK Replaced", client.say("REPLACE 1 Drafts ~{4+}\r\na: b"));
    CHECK_HAS("BAD ENABLE UTF8=ACCEPT first", client.say("REPLACE 1 Drafts UTF8 (~{4+}\r\na: b)"));
    client.say("ENABLE UTF8=ACCEPT");
    CHECK_HAS("OK Replaced", client.say("REPLACE 1 Drafts UTF8 (~{4+}\r\na: b)"));
}
