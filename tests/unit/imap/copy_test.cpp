#include "imap_client.h"

using namespace postern::test;

TEST_GROUP(ImapCopy) {
    ImapOffice office;
    ImapClient client{office};

    void setup() override {
        client.log_in();
        for (int i = 1; i <= 4; ++i) client.append("INBOX", std::format("Subject: {}\r\n\r\n", i), "($k \\Seen) ");
        client.say("SELECT INBOX");
    }
};

TEST(ImapCopy, keeps_flags_and_dates_and_tells_uids) {
    std::string const answer = client.say("COPY 2:3 Archive");
    CHECK_HAS("OK [COPYUID ", answer);
    CHECK_HAS(" 2:3 1:2] Copied\r\n", answer);
    client.say("SELECT Archive");
    CHECK_HAS("* 1 FETCH (FLAGS (\\Seen \\Recent $k) RFC822.SIZE 14)\r\n", client.say("FETCH 1 (FLAGS RFC822.SIZE)"));
}

TEST(ImapCopy, by_uid_passes_over_what_is_not_there) {
    CHECK_HAS(" 4 1] Copied\r\n", client.say("UID COPY 4,9 Archive"));
    CHECK_ANSWER("OK There was nothing to copy\r\n", client.say("UID COPY 9 Archive"));
}

TEST(ImapCopy, into_its_own_mailbox_announces_the_copies) {
    std::string const answer = client.say("COPY 1 INBOX");
    CHECK_HAS("* 5 EXISTS\r\n* 5 RECENT\r\n", answer);
    CHECK_HAS(" 1 5] Copied\r\n", answer);
}

TEST(ImapCopy, says_when_a_mailbox_must_be_created_first) {
    CHECK_HAS("NO [TRYCREATE] ", client.say("COPY 1 missing"));
    CHECK_HAS("NO [TRYCREATE] ", client.say("MOVE 1 missing"));
}

TEST(ImapCopy, over_quota_copies_nothing) {
    CHECK(office.set("account.quota", "70").has_value());
    ImapClient small(office);
    small.log_in();
    small.say("SELECT INBOX");
    CHECK_HAS("NO [OVERQUOTA] ", small.say("COPY 1:4 Archive"));
    CHECK_HAS("MESSAGES 0", small.say("STATUS Archive (MESSAGES)"));
}

// RFC 6851 §4.3
TEST(ImapCopy, move_tells_uids_before_it_expunges) {
    std::string const answer = client.say("MOVE 2:3 Trash");
    CHECK_HAS("* OK [COPYUID ", answer);
    CHECK_HAS(" 2:3 1:2] These are moving\r\n* 3 EXPUNGE\r\n* 2 EXPUNGE\r\nOK Moved\r\n", answer);
    CHECK_HAS("* 2 FETCH (UID 4)", client.say("FETCH 2 UID"));
    CHECK_HAS("* 1 EXPUNGE\r\nOK Moved\r\n", client.say("UID MOVE 1,77 Trash"));
    CHECK_ANSWER("OK There was nothing to move\r\n", client.say("UID MOVE 1 Trash"));
}

TEST(ImapCopy, expunge_removes_what_is_deleted) {
    client.say("STORE 1,3 +FLAGS.SILENT (\\Deleted)");
    CHECK_ANSWER("* 3 EXPUNGE\r\n* 1 EXPUNGE\r\nOK Expunged\r\n", client.say("EXPUNGE"));
    CHECK_ANSWER("OK Expunged\r\n", client.say("EXPUNGE"));
    CHECK_HAS("* 1 FETCH (UID 2)\r\n* 2 FETCH (UID 4)\r\n", client.say("FETCH 1:* UID"));
}

// RFC 4315 §2.1
TEST(ImapCopy, uid_expunge_removes_only_what_it_names) {
    client.say("STORE 1:4 +FLAGS.SILENT (\\Deleted)");
    CHECK_ANSWER("* 3 EXPUNGE\r\n* 2 EXPUNGE\r\nOK Expunged\r\n", client.say("UID EXPUNGE 2:3,50"));
    CHECK_HAS("* 2 FETCH (UID 4)\r\n", client.say("FETCH 2 UID"));
}
