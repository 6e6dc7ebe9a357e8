#include "imap_client.h"

using namespace postern::test;

TEST_GROUP(ImapSession) { ImapOffice office; };

TEST(ImapSession, greets_with_its_capabilities) {
    ImapClient client(office);
    CHECK_ANSWER("* OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID ENABLE AUTH=SCRAM-SHA-256 AUTH=PLAIN AUTH=LOGIN] "
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
