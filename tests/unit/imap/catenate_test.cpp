#include "imap_client.h"
#include "store/check.h"

using namespace postern::test;

TEST_GROUP(ImapCatenate) {
    ImapOffice office;
    ImapClient client{office};
    std::string validity; // of INBOX

    void setup() override {
        client.log_in();
        std::string const answer =
            client.append("INBOX", "Subject: old\r\nTo: bob\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
                                   "--b\r\n\r\nfirst\r\n--b\r\nContent-Type: text/html\r\n\r\n<b>\r\n--b--\r\n");
        validity = answer.substr(answer.find("APPENDUID ") + 10);
        validity.resize(validity.find(' '));
    }

    // Appends to Drafts, and gives the octets that are there then.
    std::string catenated(std::string const& parts) {
        CHECK_HAS("OK [APPENDUID ", client.say("APPEND Drafts (\\Draft) CATENATE (" + parts + ")"));
        client.say("EXAMINE Drafts");
        std::string const answer = client.say("FETCH * BODY.PEEK[]");
        auto const begin = answer.find("}\r\n") + 3;
        return answer.substr(begin, answer.rfind(")\r\nOK ") - begin);
    }
    std::string refusal(std::string const& parts) { return client.say("APPEND Drafts CATENATE (" + parts + ")"); }
};

// RFC 4469 §3
TEST(ImapCatenate, puts_texts_and_parts_together) {
    STRCMP_EQUAL("Subject: new\r\n\r\nfirst\r\n<b>!",
                 catenated("TEXT {16+}\r\nSubject: new\r\n\r\n URL \"/INBOX;UIDVALIDITY=" + validity +
                           "/;UID=1/;SECTION=1\" TEXT {2+}\r\n\r\n URL /INBOX/;UID=1/;SECTION=2 TEXT {1+}\r\n!")
                     .c_str());
}

TEST(ImapCatenate, takes_every_section_and_any_range) {
    STRCMP_EQUAL("Subject: old\r\n\r\n", catenated("URL \"/INBOX/;UID=1/;SECTION=HEADER.FIELDS%20(Subject)\"").c_str());
    STRCMP_EQUAL("ject: o", catenated("URL \"/INBOX/;UID=1/;SECTION=HEADER.FIELDS%20(Subject)/;PARTIAL=3.7\"").c_str());
    STRCMP_EQUAL("Content-Type: text/html\r\n\r\n", catenated("URL /INBOX/;UID=1/;SECTION=2.MIME").c_str());
    STRCMP_EQUAL("bject: old", catenated("URL /INBOX/;UID=1/;PARTIAL=2.10").c_str());
    STRCMP_EQUAL("--b--\r\n", catenated("URL /INBOX/;UID=1/;SECTION=TEXT/;PARTIAL=51").c_str());
    STRCMP_EQUAL("x", catenated("URL /INBOX/;UID=1/;PARTIAL=5000 TEXT {1+}\r\nx").c_str());
}

TEST(ImapCatenate, a_url_may_name_this_server_and_this_account) {
    STRCMP_EQUAL("first", catenated("URL imap://alice@office.lan/INBOX/;UID=1/;SECTION=1").c_str());
    STRCMP_EQUAL("first",
                 catenated("URL \"imap://alice%40office.lan;AUTH=*@OFFICE.lan:143/INBOX/;UID=1/;SECTION=1\"").c_str());
    CHECK_HAS("NO [BADURL ", refusal("URL imap://bob@office.lan/INBOX/;UID=1"));
    CHECK_HAS("NO [BADURL ", refusal("URL imap://alice@elsewhere.example/INBOX/;UID=1"));
}

// RFC 4469 §3: relative to the selected mailbox, or to the server.
TEST(ImapCatenate, a_url_may_be_relative) {
    CHECK_HAS("OK ", client.say("CREATE a/b"));
    CHECK_HAS("OK ", client.append("a/b", "Subject: below\r\n\r\n"));
    client.say("UNSELECT");
    CHECK_HAS("NO [BADURL \";UID=1\"] ", refusal("URL ;UID=1"));
    STRCMP_EQUAL("first", catenated("URL inbox/;UID=1/;SECTION=1").c_str());
    client.say("SELECT a/b");
    STRCMP_EQUAL("Subject: below\r\n\r\n", catenated("URL ;UID=1").c_str());
    client.say("SELECT a/b");
    STRCMP_EQUAL("Subject: below\r\n\r\n", catenated("URL b/;UID=1").c_str());
    client.say("SELECT a/b");
    STRCMP_EQUAL("first", catenated("URL /INBOX/;UID=1/;SECTION=1").c_str());
    client.say("SELECT a/b");
    CHECK_HAS("NO [BADURL ", refusal("URL INBOX/;UID=1"));
    CHECK_HAS("NO [BADURL ", refusal("URL ;UID=2"));
}

// RFC 4469 §4.1
TEST(ImapCatenate, what_a_url_does_not_mean_is_refused_before_text_is_sent) {
    client.feed("a APPEND Drafts CATENATE (URL /INBOX/;UID=9 TEXT {5}\r\n");
    CHECK_HAS("NO [BADURL \"/INBOX/;UID=9\"] ", client.answer_of("a"));
    for (std::string const url : {"/nowhere/;UID=1", "/INBOX;UIDVALIDITY=1/;UID=1", "/INBOX/;UID=1/;SECTION=3",
                                  "/INBOX", "x", "/INBOX/;UID=1/;SECTION=1.HEADER", "\"\""})
        CHECK_HAS("NO [BADURL \"", refusal("TEXT {1+}\r\nx URL " + url + " TEXT {1+}\r\ny"));
    CHECK_HAS("NO [TRYCREATE] ", client.say("APPEND nowhere CATENATE (URL /INBOX/;UID=1)"));
    CHECK_HAS("NO [CANNOT] ", refusal("URL /INBOX/;UID=1/;PARTIAL=9999"));
    CHECK_HAS("MESSAGES 0", client.say("STATUS Drafts (MESSAGES)"));
}

TEST(ImapCatenate, of_others_there_is_nothing) {
    ImapClient bob(office);
    bob.log_in("bob");
    CHECK_HAS("NO [BADURL ", bob.say("APPEND Drafts CATENATE (URL /INBOX/;UID=1)"));
}

// RFC 4469 §4.2
TEST(ImapCatenate, more_than_a_message_may_have_is_refused) {
    CHECK(office.set("imap.append_limit", "1M").has_value());
    ImapClient small(office);
    small.log_in();
    CHECK_HAS("OK ", small.append("INBOX", std::string(700'000, 'x')));
    CHECK_HAS("NO [TOOBIG] ", small.say("APPEND Drafts CATENATE (URL /INBOX/;UID=2 URL /INBOX/;UID=2)"));
    small.feed("a APPEND Drafts CATENATE (URL /INBOX/;UID=2 TEXT {400000}\r\n");
    CHECK_HAS("NO [TOOBIG] ", small.answer_of("a"));
    CHECK_HAS("OK ", small.say("NOOP"));
}

TEST(ImapCatenate, large_parts_pass_through_little_memory) {
    std::string large;
    for (int line = 0; large.size() < 3'000'000; ++line) large += std::format("{}\r\n", line);
    client.append("INBOX", large);
    office.memory.set_ceiling(office.memory.held() + 2'000'000);
    CHECK(catenated("URL /INBOX/;UID=2 URL /INBOX/;UID=2/;PARTIAL=1.2999000 TEXT {3+}\r\nend") ==
          large + large.substr(1, 2'999'000) + "end");
    CHECK(postern::store::check(office.store(), true).value().problems.empty());
}

TEST(ImapCatenate, is_one_of_several_messages) {
    CHECK_HAS(" 1:3] Appended", client.say("APPEND Drafts {4+}\r\na: b (\\Seen) CATENATE (URL /INBOX/;UID=1) CATENATE "
                                           "(TEXT {1+}\r\nx TEXT {0+}\r\n)"));
    CHECK_HAS("NO [BADURL ", client.say("APPEND Drafts {4+}\r\na: b CATENATE (URL /INBOX/;UID=8)"));
    CHECK_HAS("MESSAGES 3", client.say("STATUS Drafts (MESSAGES)"));
}

// RFC 6855 §4
TEST(ImapCatenate, takes_utf8_headers_once_that_is_enabled) {
    std::string const command = "APPEND Drafts CATENATE (UTF8 (~{14+}\r\nSubject: \xc3\xa9\r\n\r) TEXT {2+}\r\n\nx)";
    CHECK_HAS("BAD ENABLE UTF8=ACCEPT first", client.say(command));
    client.say("ENABLE UTF8=ACCEPT");
    CHECK_HAS("OK [APPENDUID ", client.say(command));
}

TEST(ImapCatenate, a_url_may_be_a_literal_behind_a_text) {
    client.feed("a APPEND Drafts CATENATE (TEXT {1+}\r\nx URL {14}\r\n");
    CHECK_ANSWER("+ Ready for the literal\r\n", client.read_until("\r\n"));
    client.feed("/INBOX/;UID=1/)\r\n");
    CHECK_HAS("NO [BADURL ", client.answer_of("a"));
    CHECK_HAS("OK ", client.say("APPEND Drafts CATENATE (TEXT {1+}\r\nx URL {13+}\r\n/INBOX/;UID=1)"));
}
