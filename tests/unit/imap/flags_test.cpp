#include "imap_client.h"

using namespace postern::test;

TEST_GROUP(ImapFlags) {
    ImapOffice office;
    ImapClient client{office};

    void setup() override {
        client.log_in();
        for (int i = 0; i < 3; ++i) client.append("INBOX", "a: b\r\n\r\n");
        client.say("SELECT INBOX");
    }
    static std::string modseq_in(std::string const& answer, std::string_view before = "MODSEQ (") {
        auto const at = answer.find(before);
        CHECK_TEXT(at != std::string::npos, answer.c_str());
        return answer.substr(at + before.size(), answer.find_first_of(")]", at) - at - before.size());
    }
};

TEST(ImapFlags, are_added_removed_and_replaced) {
    CHECK_ANSWER("* 1 FETCH (FLAGS (\\Flagged \\Seen \\Recent))\r\n* 2 FETCH (FLAGS (\\Flagged \\Seen \\Recent))\r\n"
                 "OK Stored\r\n",
                 client.say("STORE 1:2 +FLAGS (\\Seen \\Flagged)"));
    CHECK_ANSWER("* 1 FETCH (FLAGS (\\Seen \\Recent))\r\nOK Stored\r\n", client.say("STORE 1 -FLAGS \\Flagged"));
    CHECK_HAS("* 2 FETCH (FLAGS (\\Draft \\Recent))\r\n", client.say("STORE 2 FLAGS (\\Draft)"));
    CHECK_ANSWER("OK Stored\r\n", client.say("STORE 3 FLAGS.SILENT (\\Answered)"));
    CHECK_HAS("* 3 FETCH (FLAGS (\\Answered \\Recent))\r\n", client.say("FETCH 3 FLAGS"));
    CHECK_ANSWER("* 3 FETCH (UID 3 FLAGS (\\Recent))\r\nOK Stored\r\n", client.say("UID STORE 3 FLAGS ()"));
}

TEST(ImapFlags, keywords_are_announced_before_they_are_used) {
    CHECK_ANSWER("* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Junk)\r\n"
                 "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Junk \\*)] Flags kept\r\n"
                 "* 1 FETCH (FLAGS (\\Recent $Junk))\r\nOK Stored\r\n",
                 client.say("STORE 1 +FLAGS ($Junk)"));
    CHECK_HAS("* 2 FETCH (FLAGS (\\Recent $Junk))\r\n", client.say("STORE 2 +FLAGS ($JUNK)"));
}

TEST(ImapFlags, there_is_a_limit_to_keywords) {
    std::string many;
    for (int i = 0; i < 64; ++i) many += std::format("k{} ", i);
    many.pop_back();
    std::string const answer = client.say("STORE 1 +FLAGS.SILENT (" + many + ")");
    CHECK_HAS("OK ", answer);
    CHECK_HAS("NO [LIMIT] ", client.say("STORE 1 +FLAGS (k64)"));
    CHECK_HAS("k63)] Flags kept", client.say("SELECT INBOX"));
}

TEST(ImapFlags, recent_cannot_be_stored) { CHECK_HAS("BAD ", client.say("STORE 1 +FLAGS (\\Recent)")); }

TEST(ImapFlags, others_are_told_and_oneself_is_not) {
    ImapClient other(office);
    other.log_in();
    other.say("SELECT INBOX");
    client.say("STORE 2 +FLAGS.SILENT (\\Seen)");
    CHECK_ANSWER("OK Nothing done\r\n", client.say("NOOP"));
    CHECK_ANSWER("* 2 FETCH (FLAGS (\\Seen))\r\nOK Nothing done\r\n", other.say("NOOP"));
    CHECK_ANSWER("OK Nothing done\r\n", other.say("NOOP"));
    // A change by another comes to light in one's own STORE as well.
    other.say("STORE 1 +FLAGS.SILENT (\\Flagged)");
    CHECK_ANSWER("* 1 FETCH (FLAGS (\\Flagged \\Recent))\r\nOK Stored\r\n",
                 client.say("STORE 3 +FLAGS.SILENT (\\Draft)"));
}

TEST(ImapFlags, storing_what_is_there_already_changes_nothing) {
    client.say("ENABLE CONDSTORE");
    client.say("STORE 1 +FLAGS (\\Seen)");
    std::string const before = client.say("STATUS INBOX (HIGHESTMODSEQ)");
    client.say("STORE 1 +FLAGS (\\Seen)");
    CHECK_ANSWER(before, client.say("STATUS INBOX (HIGHESTMODSEQ)"));
}

// RFC 7162 §3.1.3
TEST(ImapFlags, a_conditional_store_leaves_alone_what_others_changed) {
    std::string const before = modseq_in(client.say("FETCH 1 MODSEQ"));
    std::string const last = modseq_in(client.say("FETCH 3 MODSEQ"));
    CHECK_HAS("MODSEQ (", client.say("STORE 1 +FLAGS (\\Flagged)"));
    std::string const answer = client.say(std::format("STORE 1,3 (UNCHANGEDSINCE {}) +FLAGS.SILENT (\\Deleted)", last));
    CHECK_HAS("* 3 FETCH (UID 3 MODSEQ (", answer);
    CHECK_HAS("* 1 FETCH (UID 1 MODSEQ (", answer);
    CHECK_HAS("FLAGS (\\Flagged \\Recent))\r\n", answer);
    CHECK_HAS("OK [MODIFIED 1] ", answer);
    CHECK_HAS("FLAGS (\\Flagged \\Recent)", client.say("FETCH 1 FLAGS"));
    CHECK_HAS("OK [MODIFIED 2] ", client.say("UID STORE 2 (UNCHANGEDSINCE 1) FLAGS.SILENT (\\Seen)"));
}

// RFC 7162 §3.1.4
TEST(ImapFlags, fetch_tells_what_changed_since) {
    std::string const since = modseq_in(client.say("FETCH 3 MODSEQ"));
    client.say("STORE 2 +FLAGS.SILENT (\\Seen)");
    std::string const answer = client.say(std::format("UID FETCH 1:* (FLAGS) (CHANGEDSINCE {})", since));
    CHECK_HAS("* 2 FETCH (", answer);
    CHECK(!answer.contains("* 1 FETCH"));
    CHECK(!answer.contains("* 3 FETCH"));
}

// RFC 7162 §3.1: from the first command on that shows an interest, flags come with mod-sequences.
TEST(ImapFlags, mod_sequences_are_told_once_condstore_is_enabled) {
    ImapClient other(office);
    other.log_in();
    other.say("SELECT INBOX");
    CHECK_HAS("* OK [HIGHESTMODSEQ ", client.say("ENABLE CONDSTORE"));
    CHECK_HAS("* 1 FETCH (UID 1 MODSEQ (", client.say("STORE 1 +FLAGS.SILENT (\\Seen)"));
    other.say("STORE 2 +FLAGS (\\Seen)");
    CHECK_HAS("* 2 FETCH (UID 2 MODSEQ (", client.say("NOOP"));
    CHECK_HAS("\r\n FLAGS (\\Seen \\Recent) UID 3 MODSEQ (", client.say("FETCH 3 BODY[TEXT]"));
}

TEST(ImapFlags, enable_names_what_it_enabled) {
    CHECK_HAS("* ENABLED\r\n", client.say("ENABLE X-NOTHING"));
    CHECK_HAS("* ENABLED CONDSTORE\r\n", client.say("ENABLE X-NOTHING CONDSTORE"));
}
