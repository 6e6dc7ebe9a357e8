// What a session says when there is no memory for a command, and that it goes on.
#include "imap_client.h"

using namespace postern::test;

TEST_GROUP(ImapMemory) {
    ImapOffice office;
    ImapClient client{office};

    void setup() override {
        client.log_in();
        client.append("INBOX", "Subject: one\r\n\r\nbody\r\n");
        client.say("SELECT INBOX");
    }
    void nothing_is_left() { office.memory.set_ceiling(office.memory.held()); }
};

TEST(ImapMemory, a_literal_is_refused_before_it_is_sent) {
    nothing_is_left();
    client.feed("a SEARCH SUBJECT {100000}\r\n");
    CHECK_HAS("NO [LIMIT] ", client.answer_of("a"));
    CHECK_HAS("OK ", client.say("NOOP"));
    office.memory.set_ceiling(100'000'000);
    client.feed("b SEARCH SUBJECT {100000}\r\n");
    CHECK_HAS("+ ", client.read_until("\r\n"));
    client.feed(std::string(100'000, 'x') + "\r\n");
    CHECK_HAS("OK ", client.answer_of("b"));
}

TEST(ImapMemory, a_literal_that_is_sent_all_the_same_is_read_and_dropped) {
    nothing_is_left();
    client.feed("a SEARCH SUBJECT {100000+}\r\n" + std::string(100'000, 'x') + " BODY {3+}\r\nxyz\r\nb NOOP\r\n");
    CHECK_HAS("NO [LIMIT] ", client.answer_of("a"));
    std::string const next = client.answer_of("b");
    CHECK_HAS("OK ", next);
    CHECK_FALSE(next.contains("BAD"));
}

TEST(ImapMemory, a_long_line_is_read_and_dropped) {
    nothing_is_left();
    client.feed("a SEARCH SUBJECT " + std::string(30'000, 'x'));
    CHECK_HAS("NO [LIMIT] ", client.answer_of("a"));
    client.feed(std::string(30'000, 'y') + "\r\n");
    CHECK_HAS("OK ", client.say("NOOP"));
}

TEST(ImapMemory, a_long_line_within_a_command_is_refused) {
    client.feed("a IDLE\r\n");
    CHECK_HAS("+ ", client.read_until("\r\n"));
    nothing_is_left();
    client.feed(std::string(30'000, 'x') + "\r\n");
    CHECK_HAS("BAD ", client.answer_of("a"));
    CHECK_HAS("OK ", client.say("NOOP"));
}

TEST(ImapMemory, what_a_command_grows_to_is_asked_for_first) {
    office.memory.set_ceiling(office.memory.held() + 1'000'000); // enough for its octets
    std::string many = "a FETCH 1";
    while (many.size() < 60'000) many += ",1";
    many += " FLAGS";
    client.feed(many + "\r\n");
    CHECK_HAS("NO [LIMIT] ", client.answer_of("a"));
}

TEST(ImapMemory, long_answers_are_not_begun) {
    nothing_is_left();
    CHECK_HAS("NO [LIMIT] ", client.say("FETCH 1 BODY.PEEK[]"));
    CHECK_HAS("NO [LIMIT] ", client.say("SEARCH ALL"));
    CHECK_HAS("NO [LIMIT] ", client.say("LIST \"\" *"));
    CHECK_HAS("OK ", client.say("STORE 1 +FLAGS.SILENT (\\Seen)"));
}

TEST(ImapMemory, a_mailbox_in_many_pieces_is_not_selected) {
    for (int i = 0; i < 40; ++i) client.append("INBOX", "Subject: more\r\n\r\nbody\r\n");
    for (int uid = 2; uid < 40; uid += 2) client.say(std::format("UID STORE {} +FLAGS.SILENT (\\Deleted)", uid));
    client.say("CLOSE");
    nothing_is_left();
    CHECK_HAS("NO [LIMIT] ", client.say("SELECT INBOX"));
    office.memory.set_ceiling(100'000'000);
    CHECK_HAS("OK ", client.say("SELECT INBOX"));
}

TEST(ImapMemory, is_given_back) {
    client.say("NOOP");
    auto const before = office.memory.held();
    client.say("FETCH 1 (BODY.PEEK[] ENVELOPE)");
    client.say("SEARCH ALL");
    client.append("INBOX", std::string(300'000, 'x'));
    client.say("NOOP");
    client.say("NOOP");
    LONGS_EQUAL(before, office.memory.held());
}
