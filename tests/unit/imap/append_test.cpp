#include "imap_client.h"
#include "store/check.h"

using namespace postern::test;

TEST_GROUP(ImapAppend) {
    ImapOffice office;
    ImapClient client{office};

    void setup() override { client.log_in(); }
};

TEST(ImapAppend, asks_for_a_synchronising_literal) {
    client.feed("a APPEND INBOX (\\Seen) {10}\r\n");
    CHECK_ANSWER("+ Ready for the message\r\n", client.read_until("\r\n"));
    client.feed("a: b\r\n\r\nxy\r\n");
    CHECK_HAS("OK [APPENDUID ", client.answer_of("a"));
}

TEST(ImapAppend, refuses_before_the_message_is_sent) {
    client.feed("a APPEND missing {10}\r\n");
    CHECK_HAS("NO [TRYCREATE] ", client.answer_of("a"));
    client.feed("b APPEND INBOX {60000000}\r\n");
    CHECK_HAS("NO [TOOBIG] ", client.answer_of("b"));
    CHECK_HAS("OK ", client.say("NOOP"));
}

TEST(ImapAppend, reads_a_refused_message_that_is_sent_all_the_same) {
    CHECK_HAS("NO [TRYCREATE] ", client.append("missing", "t9 LOGOUT\r\n"));
    CHECK_HAS("OK ", client.say("NOOP"));
    CHECK(office.set("imap.append_limit", "1M").has_value());
    ImapClient small(office);
    small.log_in();
    CHECK_HAS("NO [TOOBIG] ", small.append("INBOX", std::string(1'100'000, 'x')));
    CHECK_HAS("OK ", small.say("NOOP"));
}

TEST(ImapAppend, without_memory_it_is_refused_before_the_message_is_sent) {
    office.memory.set_ceiling(office.memory.held());
    client.feed("a APPEND INBOX {10}\r\n");
    CHECK_HAS("NO [LIMIT] ", client.answer_of("a"));
    CHECK_HAS("NO [LIMIT] ", client.append("INBOX", std::string(200'000, 'x'))); // sent all the same: read and dropped
    office.memory.set_ceiling(10'000'000);
    CHECK_HAS("OK [APPENDUID ", client.append("INBOX", std::string(200'000, 'x')));
}

TEST(ImapAppend, refuses_an_empty_message) {
    client.feed("a APPEND INBOX {0}\r\n");
    CHECK_HAS("NO [CANNOT] ", client.answer_of("a"));
    CHECK_HAS("OK ", client.say("NOOP"));
    CHECK_HAS("NO [CANNOT] ", client.append("INBOX", ""));
    CHECK_HAS("OK ", client.say("NOOP"));
}

TEST(ImapAppend, over_quota_is_refused) {
    CHECK(office.set("account.quota", "100").has_value());
    ImapClient small(office);
    small.log_in();
    CHECK_HAS("NO [OVERQUOTA] ", small.append("INBOX", std::string(101, 'x')));
    CHECK_HAS("OK ", small.append("INBOX", std::string(99, 'x')));
    CHECK_HAS("NO [OVERQUOTA] ", small.append("INBOX", "xx"));
}

TEST(ImapAppend, of_a_large_message_keeps_every_octet) {
    std::string message = "Subject: large\r\n\r\n";
    for (int line = 0; message.size() < 3'000'000; ++line) message += std::format("{}\xff\xfe\t\n", line);
    CHECK_HAS("OK [APPENDUID ", client.append("INBOX", message));
    client.say("SELECT INBOX");
    std::string const answer = client.say("FETCH 1 BODY.PEEK[]");
    CHECK(answer.contains(message + ")\r\n"));
    CHECK(postern::store::check(office.store(), true).value().problems.empty());
}

TEST(ImapAppend, that_breaks_off_leaves_nothing_behind) {
    {
        ImapClient broken(office);
        broken.log_in();
        broken.feed("a APPEND INBOX {2000000+}\r\n" + std::string(1'500'000, 'x'));
    }
    CHECK_HAS("MESSAGES 0", client.say("STATUS INBOX (MESSAGES)"));
    CHECK(postern::store::check(office.store(), true).value().problems.empty());
}

TEST(ImapAppend, announces_itself_in_the_selected_mailbox) {
    client.say("SELECT INBOX");
    CHECK_HAS("* 1 EXISTS\r\n* 1 RECENT\r\nOK [APPENDUID ", client.append("INBOX", "a: b\r\n\r\n"));
}

TEST(ImapAppend, takes_a_date_and_keywords) {
    client.append("INBOX", "a: b\r\n\r\n", "(\\Flagged Work) \" 1-Feb-2024 23:30:00 -0100\" ");
    client.say("SELECT INBOX");
    CHECK_HAS("INTERNALDATE \" 2-Feb-2024 00:30:00 +0000\" FLAGS (\\Flagged \\Recent Work)",
              client.say("FETCH 1 (INTERNALDATE FLAGS)"));
}

TEST(ImapAppend, needs_a_login) {
    ImapClient stranger(office);
    stranger.feed("a APPEND INBOX {10}\r\n");
    CHECK_ANSWER("BAD Log in first\r\n", stranger.answer_of("a"));
    CHECK_HAS("OK ", stranger.say("NOOP"));
}

TEST(ImapAppend, to_a_full_disk_is_refused_and_deleting_still_works) {
    CHECK_HAS("OK ", client.append("INBOX", "a: b\r\n\r\n"));
    office.set_free_space(0);
    CHECK_HAS("NO [OVERQUOTA] ", client.append("INBOX", "a: b\r\n\r\n"));
    client.say("SELECT INBOX");
    CHECK_HAS("NO [OVERQUOTA] ", client.say("COPY 1 Archive"));
    CHECK_HAS("* 1 EXPUNGE\r\nOK Moved\r\n", client.say("MOVE 1 Trash"));
    client.say("SELECT Trash");
    client.say("STORE 1 +FLAGS.SILENT (\\Deleted)");
    CHECK_HAS("* 1 EXPUNGE\r\nOK Expunged\r\n", client.say("EXPUNGE"));
}

// RFC 3502
TEST(ImapAppend, of_several_puts_all_of_them_with_one_change) {
    client.say("SELECT INBOX");
    client.feed("a APPEND INBOX (\\Seen) {11}\r\n");
    CHECK_ANSWER("+ Ready for the message\r\n", client.read_until("\r\n"));
    client.feed("a: 1\r\n\r\none (\\Flagged k) \" 1-Feb-2024 23:30:00 -0100\" {11}\r\n");
    CHECK_ANSWER("+ Ready for the message\r\n", client.read_until("\r\n"));
    client.feed("a: 2\r\n\r\ntwo {13+}\r\na: 3\r\n\r\nthree\r\n");
    std::string const answer = client.answer_of("a");
    CHECK_HAS("* 3 EXISTS\r\n", answer);
    CHECK_HAS(" 1:3] Appended", answer);
    std::string const fetched = client.say("FETCH 1:* (FLAGS MODSEQ BODY.PEEK[TEXT])");
    CHECK_HAS("FLAGS (\\Seen \\Recent) MODSEQ (2) BODY[TEXT] {3}\r\none", fetched);
    CHECK_HAS("FLAGS (\\Flagged \\Recent k) MODSEQ (2) BODY[TEXT] {3}\r\ntwo", fetched);
    CHECK_HAS("FLAGS (\\Recent) MODSEQ (2) BODY[TEXT] {5}\r\nthree", fetched);
}

TEST(ImapAppend, of_several_leaves_nothing_if_one_cannot_be_taken) {
    std::string const first = "APPEND INBOX {4+}\r\na: b";
    CHECK_HAS("BAD APPEND: Unknown", client.say("APPEND INBOX (\\Foo) {4+}\r\na: b"));
    CHECK_HAS("BAD Unknown system flag Foo", client.say(first + " (\\Foo) {4+}\r\na: c"));
    CHECK_HAS("BAD Arguments are missing", client.say(first + " (\\Seen){4+}\r\na: c"));
    CHECK_HAS("BAD Unexpected text", client.say(first + "x"));
    CHECK_HAS("BAD The message must be a literal", client.say(first + " "));
    CHECK_HAS("BAD The message contains a NUL", client.say(first + std::string(" {4+}\r\na\0bc", 11)));
    CHECK_HAS("NO [UNKNOWN-CTE] ", client.say(first + std::string(" ~{4+}\r\na\0bc", 12) + " {4+}\r\na: d"));
    CHECK_HAS("NO [TOOBIG] ", client.say(first + " {60000000}"));
    CHECK_HAS("NO [CANNOT] ", client.say(first + " {0}")); // so a client gives up
    CHECK_HAS("NO [CANNOT] ", client.say(first + " {0+}\r\n {4+}\r\na: d"));
    CHECK_HAS("BAD ENABLE ", client.say(first + " UTF8 (~{4+}\r\na: c)"));
    CHECK_HAS("NO [LIMIT] ", client.say(first + " (" + [] {
        std::string keywords = "k";
        for (int i = 0; i < 70; ++i) keywords += std::format(" k{}", i);
        return keywords;
    }() + ") {4+}\r\na: c"));
    CHECK_HAS("MESSAGES 0", client.say("STATUS INBOX (MESSAGES)"));
    CHECK_HAS("OK [APPENDUID ", client.say(first + " {4+}\r\na: c"));
    CHECK_HAS("MESSAGES 2", client.say("STATUS INBOX (MESSAGES)"));
    CHECK(postern::store::check(office.store(), true).value().problems.empty());
}

TEST(ImapAppend, of_several_asks_for_the_quota_of_all) {
    CHECK(office.set("account.quota", "100").has_value());
    ImapClient small(office);
    small.log_in();
    std::string const half = "{60+}\r\n" + std::string(60, 'x');
    CHECK_HAS("NO [OVERQUOTA] ", small.say("APPEND INBOX " + half + ' ' + half));
    small.feed("a APPEND INBOX " + half + " {60}\r\n");
    CHECK_HAS("NO [OVERQUOTA] ", small.answer_of("a")); // before it is sent
    CHECK_HAS("MESSAGES 0", small.say("STATUS INBOX (MESSAGES)"));
    CHECK_HAS("OK ", small.say("APPEND INBOX " + half + " {40+}\r\n" + std::string(40, 'y')));
}

TEST(ImapAppend, of_many_holds_little_of_them) {
    auto const before = office.memory.held();
    office.memory.set_ceiling(before + 2'000'000);
    std::string const message = "Subject: large\r\n\r\n" + std::string(90'000, 'x') + "\r\n";
    client.feed("a APPEND INBOX");
    for (int i = 0; i < 100; ++i) client.feed(std::format(" {{{}+}}\r\n", message.size()) + message);
    client.feed("\r\n");
    CHECK_HAS(" 1:100] Appended", client.answer_of("a"));
    client.say("SELECT INBOX");
    CHECK_HAS(message, client.say("FETCH 57 BODY.PEEK[]"));
    CHECK(postern::store::check(office.store(), true).value().problems.empty());
}

TEST(ImapAppend, of_many_that_breaks_off_leaves_nothing_behind) {
    std::string const message(200'000, 'x');
    {
        ImapClient broken(office);
        broken.log_in();
        broken.feed("a APPEND INBOX");
        for (int i = 0; i < 5; ++i) broken.feed(" {200000+}\r\n" + message);
    }
    client.feed("b APPEND INBOX");
    for (int i = 0; i < 5; ++i) client.feed(" {200000+}\r\n" + message);
    client.feed(" {0}\r\n");
    CHECK_HAS("NO [CANNOT] ", client.answer_of("b"));
    CHECK_HAS("MESSAGES 0", client.say("STATUS INBOX (MESSAGES)"));
    auto const report = postern::store::check(office.store(), true).value();
    CHECK(report.problems.empty());
    LONGS_EQUAL(0, report.messages);
}

TEST(ImapAppend, without_memory_for_what_comes_before_a_message_it_is_answered_once) {
    client.feed("a APPEND INBOX {4+}\r\na: b");
    CHECK_HAS("OK ", [&] {
        ImapClient other(office); // when it is answered, what was sent before has been taken
        return other.say("NOOP");
    }());
    office.memory.set_ceiling(office.memory.held());
    client.feed(" (" + std::string(30'000, 'k') + ") {4+}\r\na: c {4+}\r\na: d\r\n");
    CHECK_HAS("NO [LIMIT] ", client.answer_of("a"));
    office.memory.set_ceiling(10'000'000);
    CHECK_HAS("MESSAGES 0", client.say("STATUS INBOX (MESSAGES)"));
}
