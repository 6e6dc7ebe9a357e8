#include "imap_client.h"

using namespace postern::test;

TEST_GROUP(ImapSearch) {
    ImapOffice office;
    ImapClient client{office};

    void setup() override {
        client.log_in();
        client.append("INBOX",
                      "Date: Mon, 05 Jan 2026 23:30:00 -0500\r\n"
                      "From: \"J. Doe\" <john@example.org>\r\n"
                      "To: alice@office.lan, Team: bob@office.lan, carol@office.lan;\r\n"
                      "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= aus Wien\r\n"
                      "X-Spam: yes, very\r\n\r\nHello world\r\n",
                      "(\\Seen $Work) \" 1-Feb-2026 10:00:00 +0000\" ");
        client.append("INBOX",
                      "Date: Tue, 06 Jan 2026 10:00:00 +0000\r\n"
                      "Cc: dave@office.lan\r\n"
                      "Bcc: erin@office.lan\r\n"
                      "Message-ID: <2@example.org>\r\n"
                      "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                      "--b\r\nContent-Type: text/html; charset=iso-8859-1\r\n"
                      "Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>caf=E9 <b>noir</b></p>\r\n"
                      "--b\r\nContent-Type: application/pdf\r\n\r\nworld of pdf\r\n"
                      "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ndeep text\r\n--b--\r\n",
                      "(\\Flagged \\Answered) \" 2-Feb-2026 10:00:00 +0000\" ");
        client.append("INBOX", "Subject: third\r\n\r\n" + std::string(5'000, 'x') + "\r\n",
                      "(\\Draft \\Deleted) \" 3-Feb-2026 10:00:00 +0000\" ");
        client.say("SELECT INBOX");
    }
    void finds(std::string_view expected, std::string_view key) {
        std::string const answer = client.say(std::format("SEARCH {}", key));
        CHECK_ANSWER(std::format("* SEARCH{}{}\r\nOK Searched\r\n", expected.empty() ? "" : " ", expected), answer);
    }
};

TEST(ImapSearch, by_flags) {
    finds("1 2 3", "ALL");
    finds("1", "SEEN");
    finds("2 3", "UNSEEN");
    finds("2", "FLAGGED");
    finds("2", "ANSWERED UNSEEN");
    finds("3", "DRAFT");
    finds("1 2", "UNDELETED");
    finds("1", "KEYWORD $work");
    finds("2 3", "UNKEYWORD $Work");
    finds("", "KEYWORD other");
    finds("1 2 3", "RECENT");
    finds("2 3", "NEW");
    finds("", "OLD");
}

TEST(ImapSearch, by_numbers_and_uids) {
    finds("1 3", "1,3");
    finds("3", "*");
    finds("2 3", "UID 2:*");
    finds("", "UID 17");
    finds("2", "NOT 1,3");
    finds("1 2", "OR 1 2");
    CHECK_ANSWER("* SEARCH 2\r\nOK Searched\r\n", client.say("UID SEARCH 2 UID 1:2"));
}

TEST(ImapSearch, by_dates_without_time_and_zone) {
    finds("2", "ON 2-Feb-2026");
    finds("1", "BEFORE 2-Feb-2026");
    finds("2 3", "SINCE 2-Feb-2026");
    finds("1", "SENTON 5-Jan-2026");
    finds("2", "SENTSINCE 6-Jan-2026");
    finds("1", "SENTBEFORE 6-Jan-2026");
}

TEST(ImapSearch, by_size) {
    finds("3", "LARGER 5000");
    finds("1 2", "SMALLER 5000");
}

TEST(ImapSearch, by_header_decoded) {
    finds("1", "FROM doe");
    finds("1", "FROM john@EXAMPLE");
    finds("1", "TO carol");
    finds("2", "CC dave");
    finds("2", "BCC erin");
    finds("1", "SUBJECT \"aus wien\"");
    finds("1", "CHARSET UTF-8 SUBJECT {7+}\r\nGR\xC3\xBC\xC3\x9F"
               "E");
    finds("1", "CHARSET ISO-8859-1 SUBJECT {5+}\r\ngr\xFC\xDF"
               "e");
    finds("1", "HEADER X-Spam \"yes, VERY\"");
    finds("1", "HEADER x-spam \"\"");
    finds("2", "HEADER Message-ID <2@example.org>");
    finds("1 3", "HEADER Subject \"\"");
}

TEST(ImapSearch, by_what_stands_between_addresses) {
    finds("1", R"(HEADER To "lan, Team: bob@")");
    finds("1", R"(HEADER From "\"j. doe\" <john")");
    finds("", R"(HEADER To "lan; Team")");
    client.append("INBOX", "From: =?utf-8?q?Doe=2C_J?= <j@example.org>\r\n\r\n");
    finds("4", R"(FROM "Doe, J <j@")");
}

TEST(ImapSearch, by_a_header_that_is_too_long_to_be_kept_for_it) {
    std::string to = "To: ";
    for (int i = 0; i < 1'000; ++i) to += std::format("r{}@example.org,\r\n ", i);
    client.append("INBOX", "From: zoe@example.org\r\n" + to + "last@example.org\r\n\r\n");
    finds("4", "FROM zoe");
    finds("4", "TO R999@EXAMPLE");
    finds("1", "NOT TO r999 SUBJECT wien");
}

TEST(ImapSearch, by_text_decoded) {
    finds("1", "BODY world");
    finds("2", "BODY {9+}\r\nCAF\xC3\x89 NOI");
    finds("2", "BODY inner");
    finds("2", "BODY \"deep text\"");
    finds("", "BODY wien");
    finds("1", "TEXT wien");
    finds("1", "TEXT x-spam");
    finds("2 3", "NOT BODY world");
    finds("1 2 3", "BODY \"\"");
    finds("1 2", "OR BODY hello BODY deep");
    finds("3", "BODY " + std::string(300, 'X'));
}

// RFC 9051 §6.4.4: TEXT looks at MIME header fields, BODY at none.
TEST(ImapSearch, by_text_of_the_headers_of_parts) {
    client.append("INBOX",
                  "Content-Type: multipart/report; boundary=b\r\n\r\n"
                  "--b\r\nContent-Type: image/png; name=scan.png\r\nContent-Description: =?utf-8?q?B=C3=A4r?=\r\n"
                  "Content-Disposition: attachment; filename*0*=iso-8859-1''Gr%FC;\r\n filename*1*=%DFe%201.png\r\n"
                  "\r\nAAAA\r\n"
                  "--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; zoe@example.org\r\n"
                  "--b--\r\n");
    finds("4", "TEXT scan.png");
    finds("", "BODY scan.png");
    finds("4", "TEXT {4+}\r\nb\xC3\xA4r");
    finds("4", "TEXT {9+}\r\nGR\xC3\x9C\xC3\x9F"
               "E 1");
    finds("2", "TEXT application/pdf");
    finds("4", "BODY zoe@example.org");
    finds("", "TEXT AAAA");
}

TEST(ImapSearch, names_the_charsets_it_knows) {
    CHECK_ANSWER("NO [BADCHARSET (US-ASCII UTF-8)] That charset is not known here\r\n",
                 client.say("SEARCH CHARSET klingon BODY x"));
}

// RFC 4731 §3.1
TEST(ImapSearch, extended_results) {
    client.feed("e SEARCH RETURN (MIN MAX COUNT) ALL\r\n");
    CHECK_ANSWER("* ESEARCH (TAG \"e\") MIN 1 MAX 3 COUNT 3\r\ne OK Searched\r\n", client.read_until("Searched\r\n"));
    client.feed("f UID SEARCH RETURN () UNSEEN\r\n");
    CHECK_ANSWER("* ESEARCH (TAG \"f\") UID ALL 2:3\r\nf OK Searched\r\n", client.read_until("Searched\r\n"));
    client.feed("g SEARCH RETURN (COUNT ALL) KEYWORD none\r\n");
    CHECK_ANSWER("* ESEARCH (TAG \"g\") COUNT 0\r\ng OK Searched\r\n", client.read_until("Searched\r\n"));
}

// RFC 7162 §3.1.5
TEST(ImapSearch, by_mod_sequence_tells_the_highest) {
    std::string const answer = client.say("FETCH 2 MODSEQ");
    auto const at = answer.find("MODSEQ (") + 8;
    std::string const modseq = answer.substr(at, answer.find(')', at) - at);
    CHECK_HAS("* SEARCH 2 3 (MODSEQ ", client.say("SEARCH MODSEQ " + modseq));
    CHECK_HAS(std::format("MIN 1 MODSEQ {})", std::stoul(modseq) - 1).substr(0, 12),
              client.say("SEARCH RETURN (MIN) MODSEQ 1"));
    CHECK_ANSWER("* SEARCH\r\nOK Searched\r\n", client.say("SEARCH MODSEQ 99999"));
}

TEST(ImapSearch, looks_through_a_mailbox_larger_than_a_slice) {
    std::string const filler(60'000, 'y');
    for (int i = 0; i < 60; ++i)
        client.append("Archive", std::format("Subject: n{}\r\n\r\n{} {}\r\n", i, filler, i % 7 == 0 ? "prize" : ""));
    client.append("Archive", "Subject: huge\r\n\r\n" + std::string(5'000'000, 'z') + " prize");
    client.say("SELECT Archive");
    finds("1 8 15 22 29 36 43 50 57 61", "BODY prize");
    finds("61", "OR SUBJECT huge BODY nothing");
}

// RFC 5032: the clock stands at 5 January 2026, 10:00; the messages are of February.
TEST(ImapSearch, by_age) {
    office.clock.advance(std::chrono::days{28}); // 2 February, 10:00
    finds("1", "OLDER 1");
    finds("1", "OLDER 86400");
    finds("", "OLDER 86401");
    finds("2 3", "YOUNGER 86399");
    finds("1 2 3", "YOUNGER 86400");
}

TEST(ImapSearch, saves_what_it_found) {
    CHECK_ANSWER("OK Searched\r\n", client.say("SEARCH RETURN (SAVE) UNSEEN"));
    finds("2 3", "$");
    finds("3", "$ DRAFT");
    finds("1", "NOT $");
    CHECK_ANSWER("* ESEARCH (TAG \"t10\") UID COUNT 2\r\nOK Searched\r\n",
                 client.say("UID SEARCH RETURN (COUNT) UID $"));
    CHECK_HAS("* 3 FETCH (UID 3 FLAGS (\\Deleted \\Draft \\Recent))\r\nOK", client.say("FETCH $ (UID FLAGS)"));
    CHECK_HAS("COPYUID", client.say("COPY $ INBOX"));
    finds("2 3", "$");
}

TEST(ImapSearch, saves_nothing_when_it_fails) {
    client.say("SEARCH RETURN (SAVE) ALL");
    CHECK_HAS("BAD", client.say("SEARCH RETURN (SAVE) FOO"));
    finds("1 2 3", "$");
    CHECK_HAS("NO [BADCHARSET", client.say("SEARCH RETURN (SAVE) CHARSET X-NONE TEXT x"));
    finds("", "$");
    CHECK_ANSWER("OK Fetched\r\n", client.say("FETCH $ FLAGS"));
}

TEST(ImapSearch, what_was_saved_leaves_with_its_messages) {
    client.say("SEARCH RETURN (SAVE) ALL");
    CHECK_ANSWER("* 3 EXPUNGE\r\nOK Expunged\r\n", client.say("UID EXPUNGE $"));
    finds("1 2", "$");
    client.say("SELECT INBOX");
    finds("", "$");
}

// RFC 5182 §2.1 and RFC 9394 §3.2
TEST(ImapSearch, saves_what_return_singles_out) {
    auto const saved = [this](std::string_view returns) {
        client.say(std::format("SEARCH RETURN (SAVE {}) ALL", returns));
        std::string const answer = client.say("SEARCH $");
        return answer.substr(0, answer.find('\r'));
    };
    CHECK_ANSWER("* SEARCH 1", saved("MIN"));
    CHECK_ANSWER("* SEARCH 3", saved("MAX"));
    CHECK_ANSWER("* SEARCH 1 3", saved("MIN MAX"));
    CHECK_ANSWER("* SEARCH 1 2 3", saved("MIN COUNT"));
    CHECK_ANSWER("* SEARCH 1 2 3", saved("MIN ALL"));
    CHECK_ANSWER("* SEARCH 2", saved("PARTIAL 2:2"));
    CHECK_ANSWER("* SEARCH 1 2", saved("PARTIAL 2:2 MIN"));
    CHECK_ANSWER("* SEARCH", saved("PARTIAL 4:9"));
}

TEST(ImapSearch, a_page_of_what_it_found) {
    CHECK_ANSWER("* ESEARCH (TAG \"t6\") PARTIAL (1:2 1:2)\r\nOK Searched\r\n",
                 client.say("SEARCH RETURN (PARTIAL 1:2) ALL"));
    CHECK_ANSWER("* ESEARCH (TAG \"t7\") UID PARTIAL (-1:-2 2:3) COUNT 3\r\nOK Searched\r\n",
                 client.say("UID SEARCH RETURN (PARTIAL -1:-2 COUNT) ALL"));
    CHECK_ANSWER("* ESEARCH (TAG \"t8\") PARTIAL (4:9 NIL)\r\nOK Searched\r\n",
                 client.say("SEARCH RETURN (PARTIAL 4:9) ALL"));
    CHECK_ANSWER("* ESEARCH (TAG \"t9\") PARTIAL (1:9 NIL)\r\nOK Searched\r\n",
                 client.say("SEARCH RETURN (PARTIAL 1:9) SUBJECT nothing"));
}

TEST(ImapSearch, a_page_of_messages_is_fetched) {
    CHECK_ANSWER("* 2 FETCH (UID 2)\r\n* 3 FETCH (UID 3)\r\nOK Fetched\r\n",
                 client.say("UID FETCH 1:* (UID) (PARTIAL -1:-2)"));
    CHECK_ANSWER("* 2 FETCH (UID 2)\r\nOK Fetched\r\n", client.say("UID FETCH 2:* (UID) (PARTIAL 1:1)"));
    CHECK_ANSWER("OK Fetched\r\n", client.say("UID FETCH 1:* (UID) (PARTIAL 4:5)"));
}
