#include "imap_client.h"

using namespace postern::test;

TEST_GROUP(ImapSession) { ImapOffice office; };

TEST(ImapSession, greets_with_its_capabilities) {
    ImapClient client(office);
    CHECK_ANSWER(
        "* OK [CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR ID ENABLE AUTH=SCRAM-SHA-256 AUTH=PLAIN AUTH=LOGIN] "
        "mail.office.lan Postern is ready\r\n",
        client.greeting);
}

TEST(ImapSession, logs_in_with_a_password) {
    ImapClient client(office);
    CHECK_HAS("OK [CAPABILITY IMAP4rev1 ", client.say("LOGIN alice secret-alice"));
    CHECK_HAS("BAD ", client.say("LOGIN alice secret-alice"));
}

TEST(ImapSession, shows_an_appended_message_octet_for_octet) {
    ImapClient client(office);
    client.log_in();
    std::string const message = "From: a@b\r\nSubject: hello\r\n\r\nbare\nline ends\r\n";
    CHECK_HAS("OK [APPENDUID ", client.append("INBOX", message, "(\\Seen) "));
    CHECK_HAS("OK [READ-WRITE] Selected\r\n", client.say("SELECT INBOX"));
    CHECK_ANSWER(std::format("* 1 FETCH (FLAGS (\\Seen \\Recent) BODY[] {{{}}}\r\n{})\r\nOK Fetched\r\n",
                             message.size(), message),
                 client.say("FETCH 1 (FLAGS BODY[])"));
    CHECK_ANSWER("* SEARCH 1\r\nOK Searched\r\n", client.say("SEARCH SUBJECT HELLO"));
}

TEST(ImapSession, tells_its_capabilities_by_state) {
    ImapClient client(office);
    CHECK_HAS("* CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR ID ENABLE AUTH=SCRAM-SHA-256 ",
              client.say("CAPABILITY"));
    client.log_in();
    CHECK_ANSWER("* CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR ID ENABLE "
                 "IDLE NAMESPACE CHILDREN UIDPLUS UNSELECT MOVE CONDSTORE QRESYNC ESEARCH SPECIAL-USE STATUS=SIZE "
                 "COMPRESS=DEFLATE LIST-EXTENDED LIST-STATUS UTF8=ACCEPT BINARY PREVIEW UIDONLY NOTIFY "
                 "CREATE-SPECIAL-USE XLIST OBJECTID SAVEDATE "
                 "UNAUTHENTICATE MULTIAPPEND CATENATE URL-PARTIAL REPLACE ACL RIGHTS=kxte LIST-MYRIGHTS "
                 "WITHIN SEARCHRES I18NLEVEL=1 PARTIAL INPROGRESS SORT SORT=DISPLAY ESORT CONTEXT=SEARCH CONTEXT=SORT "
                 "MULTISEARCH "
                 "THREAD=ORDEREDSUBJECT THREAD=REFERENCES THREAD=REFS "
                 "METADATA LIST-METADATA QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE QUOTASET APPENDLIMIT=52428800"
                 "\r\nOK Those are the capabilities\r\n",
                 client.say("CAPABILITY"));
}

TEST(ImapSession, says_goodbye) {
    ImapClient client(office);
    client.feed("a LOGOUT\r\n");
    CHECK_ANSWER("* BYE Goodbye\r\na OK Logged out\r\n", client.read_to_end());
}

TEST(ImapSession, identifies_itself) {
    ImapClient client(office);
    CHECK_HAS("* ID (\"name\" \"Postern\")\r\n", client.say("ID (\"name\" \"mutt\" \"version\" NIL)"));
    CHECK_HAS("* ID (", client.say("ID NIL"));
}

TEST(ImapSession, allows_commands_in_their_states_alone) {
    ImapClient client(office);
    CHECK_ANSWER("BAD Log in first\r\n", client.say("SELECT INBOX"));
    CHECK_ANSWER("BAD Log in first\r\n", client.say("FETCH 1 FLAGS"));
    client.log_in();
    CHECK_ANSWER("BAD Select a mailbox first\r\n", client.say("FETCH 1 FLAGS"));
    CHECK_ANSWER("BAD Logged in already\r\n", client.say("STARTTLS"));
    client.say("SELECT INBOX");
    CHECK_ANSWER("BAD Logged in already\r\n", client.say("LOGIN alice secret-alice"));
}

TEST(ImapSession, answers_bad_input_and_goes_on) {
    ImapClient client(office);
    CHECK_HAS("BAD ", client.say("NONSENSE"));
    CHECK_HAS("BAD ", client.say("LOGIN alice"));
    client.feed("\r\n");
    CHECK_HAS("* BAD ", client.read_until("\r\n"));
    client.feed("a NOOP {100000}\r\n");
    CHECK_HAS("BAD ", client.answer_of("a"));
    CHECK_HAS("OK ", client.say("NOOP"));
}

TEST(ImapSession, ends_after_too_many_bad_commands_in_a_row) {
    ImapClient client(office);
    for (int i = 0; i < 19; ++i) CHECK_HAS("BAD ", client.say("NONSENSE"));
    CHECK_HAS("OK ", client.say("NOOP"));
    for (int i = 0; i < 20; ++i) CHECK_HAS("BAD ", client.say("NONSENSE"));
    CHECK_ANSWER("* BYE Too many bad commands\r\n", client.read_to_end());
}

TEST(ImapSession, answers_commands_sent_ahead_in_their_order) {
    ImapClient client(office);
    client.feed("a LOGIN alice secret-alice\r\nb SELECT INBOX\r\nc NOOP\r\nd LOGOUT\r\n");
    std::string const answer = client.read_to_end();
    CHECK(answer.find("a OK") < answer.find("b OK"));
    CHECK(answer.find("b OK") < answer.find("c OK"));
    CHECK(answer.find("c OK") < answer.find("d OK"));
    CHECK_HAS("d OK", answer);
}

TEST(ImapSession, says_goodbye_when_the_server_stops) {
    ImapClient client(office);
    office.stop.raise();
    CHECK_ANSWER("* BYE The server is stopping\r\n", client.read_to_end());
}
