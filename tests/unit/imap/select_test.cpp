#include "imap_client.h"

using namespace postern::test;

TEST_GROUP(ImapSelect) {
    ImapOffice office;
    ImapClient client{office};

    void setup() override { client.log_in(); }
};

TEST(ImapSelect, tells_what_a_client_must_know) {
    client.append("INBOX", "a: b\r\n\r\n", "(\\Seen $Label) ");
    client.append("INBOX", "a: b\r\n\r\n");
    std::string const answer = client.say("SELECT INBOX");
    CHECK_HAS("* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Label)\r\n", answer);
    CHECK_HAS("* 2 EXISTS\r\n* 2 RECENT\r\n", answer);
    CHECK_HAS("* OK [UNSEEN 2] ", answer);
    CHECK_HAS("* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Label \\*)] ", answer);
    CHECK_HAS("* OK [UIDNEXT 3] ", answer);
    CHECK_HAS("* OK [UIDVALIDITY ", answer);
    CHECK_HAS("* OK [HIGHESTMODSEQ ", answer);
    CHECK_HAS("OK [READ-WRITE] Selected\r\n", answer);
}

TEST(ImapSelect, only_the_first_session_sees_a_message_as_recent) {
    client.append("INBOX", "a: b\r\n\r\n");
    ImapClient looker(office);
    looker.log_in();
    CHECK_HAS("* 1 RECENT\r\n", looker.say("EXAMINE INBOX"));
    CHECK_HAS("* 1 RECENT\r\n", client.say("SELECT INBOX"));
    CHECK_HAS("* 0 RECENT\r\n", looker.say("SELECT INBOX"));
    CHECK_HAS("FLAGS (\\Recent)", client.say("FETCH 1 FLAGS"));
    CHECK_HAS("FLAGS ()", looker.say("FETCH 1 FLAGS"));
}

TEST(ImapSelect, an_examined_mailbox_stays_as_it_is) {
    client.append("INBOX", "a: b\r\n\r\n", "(\\Deleted) ");
    std::string const answer = client.say("EXAMINE INBOX");
    CHECK_HAS("* OK [PERMANENTFLAGS ()] ", answer);
    CHECK_HAS("OK [READ-ONLY] Examined\r\n", answer);
    CHECK_HAS("NO ", client.say("STORE 1 +FLAGS (\\Seen)"));
    CHECK_HAS("NO ", client.say("EXPUNGE"));
    CHECK_HAS("NO ", client.say("MOVE 1 Trash"));
    CHECK_HAS("FLAGS (\\Deleted \\Recent)", client.say("FETCH 1 (BODY[] FLAGS)"));
    CHECK_HAS("OK Closed\r\n", client.say("CLOSE"));
    CHECK_HAS("MESSAGES 1", client.say("STATUS INBOX (MESSAGES)"));
}

// RFC 3501 §6.3.1: a failed SELECT leaves nothing selected; RFC 7162 §3.2.11: and says that what was is closed.
TEST(ImapSelect, a_failed_select_leaves_nothing_selected) {
    client.say("SELECT INBOX");
    std::string const answer = client.say("SELECT missing");
    CHECK_HAS("* OK [CLOSED] ", answer);
    CHECK_HAS("NO [NONEXISTENT] ", answer);
    CHECK_HAS("BAD ", client.say("FETCH 1:* FLAGS"));
}

TEST(ImapSelect, close_expunges_in_silence_and_unselect_does_not) {
    client.append("INBOX", "a: b\r\n\r\n", "(\\Deleted) ");
    client.say("SELECT INBOX");
    CHECK_HAS("OK Closed, and nothing was expunged\r\n", client.say("UNSELECT"));
    CHECK_HAS("* 1 EXISTS\r\n", client.say("SELECT INBOX"));
    CHECK_ANSWER("OK Closed\r\n", client.say("CLOSE"));
    CHECK_HAS("* 0 EXISTS\r\n", client.say("SELECT INBOX"));
}

TEST(ImapSelect, uid_validity_never_repeats) {
    auto const validity = [&] {
        std::string const answer = client.say("STATUS x (UIDVALIDITY)");
        return std::stoul(answer.substr(answer.find("UIDVALIDITY ") + 12));
    };
    client.say("CREATE x");
    auto const first = validity();
    client.say("DELETE x");
    client.say("CREATE x");
    CHECK(validity() > first);
}
