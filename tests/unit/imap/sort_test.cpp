#include "imap_client.h"

using namespace postern::test;

TEST_GROUP(ImapSort) {
    ImapOffice office;
    ImapClient client{office};

    void setup() override {
        client.log_in();
        add("Date: Mon, 05 Jan 2026 10:00:00 +0000\r\nFrom: \"Zoe\" <carl@office.lan>\r\nTo: x@y, b@c\r\n"
            "Subject: Lunch\r\nMessage-ID: <1@x>\r\n",
            5, "abc");
        add("Date: Sun, 04 Jan 2026 10:00:00 +0000\r\nFrom: ANTON@office.lan\r\nCc: m@n\r\nTo: team: a@b;\r\n"
            "Subject: =?utf-8?q?=C3=84pfel?=\r\nMessage-ID: <2@x>\r\n",
            4, "abcdef");
        add("From: =?utf-8?q?=C3=89mile?= <berta@office.lan>\r\nSubject: Re:  lunch (fwd)\r\n"
            "Message-ID: <3@x>\r\nReferences: <0@x>\r\n <1@x>\r\n",
            3, "a");
        add("Date: Tue, 06 Jan 2026 10:00:00 +0000\r\nSubject: [office] \r\nIn-Reply-To: your mail <3@x>\r\n", 1, "");
        client.say("SELECT INBOX");
    }
    void add(std::string_view header, int day, std::string_view body) {
        client.append("INBOX", std::format("{}\r\n{}\r\n", header, body),
                      std::format("\" {}-Jan-2026 10:00:00 +0000\" ", day));
    }
    void sorts(std::string_view expected, std::string_view criteria) {
        CHECK_ANSWER(std::format("* SORT {}\r\nOK Searched\r\n", expected),
                     client.say(std::format("SORT ({}) UTF-8 ALL", criteria)));
    }
    void threads(std::string_view expected, std::string_view algorithm) {
        CHECK_ANSWER(std::format("* THREAD {}\r\nOK Threaded\r\n", expected),
                     client.say(std::format("THREAD {} UTF-8 ALL", algorithm)));
    }
};

TEST(ImapSort, by_each_criterion) {
    sorts("4 3 2 1", "ARRIVAL");
    sorts("3 2 1 4", "DATE"); // the third has none: its arrival counts
    sorts("4 2 3 1", "FROM");
    sorts("3 4 2 1", "TO");
    sorts("1 3 4 2", "CC");
    sorts("4 1 3 2", "SIZE");
    sorts("2 1 3 4", "SUBJECT"); // an accent follows its letter, a bracket all of them
    sorts("4 2 3 1", "DISPLAYFROM");
    sorts("3 4 2 1", "DISPLAYTO");
}

TEST(ImapSort, in_reverse_and_by_several) {
    sorts("4 1 2 3", "REVERSE DATE");
    sorts("4 1 3 2", "REVERSE SUBJECT"); // of equals the lower number stays first
    sorts("2 3 1 4", "SUBJECT ARRIVAL");
    sorts("4 1 3 2", "REVERSE SUBJECT REVERSE ARRIVAL");
}

TEST(ImapSort, only_what_was_found) {
    CHECK_ANSWER("* SORT 3 1\r\nOK Searched\r\n", client.say("SORT (ARRIVAL) UTF-8 SUBJECT lunch"));
    CHECK_ANSWER("* SORT\r\nOK Searched\r\n", client.say("UID SORT (DATE) UTF-8 SUBJECT nothing"));
    CHECK_HAS("NO [BADCHARSET", client.say("SORT (DATE) X-NONE ALL"));
}

// RFC 5267 §3, RFC 5182
TEST(ImapSort, returns_what_is_asked_for) {
    CHECK_ANSWER("* ESEARCH (TAG \"t7\") UID MIN 3 MAX 4 ALL 3,2,1,4 COUNT 4\r\nOK Searched\r\n",
                 client.say("UID SORT RETURN (MIN MAX ALL COUNT) (DATE) UTF-8 ALL"));
    CHECK_ANSWER("* ESEARCH (TAG \"t8\") PARTIAL (1:2 3,2)\r\nOK Searched\r\n",
                 client.say("SORT RETURN (PARTIAL 1:2 SAVE) (DATE) UTF-8 ALL"));
    CHECK_ANSWER("* SEARCH 2 3\r\nOK Searched\r\n", client.say("SEARCH $"));
}

// RFC 7162 §3.1.6
TEST(ImapSort, tells_the_highest_mod_sequence) {
    CHECK_HAS("* SORT 4 3 2 1 (MODSEQ 5)\r\n", client.say("SORT (ARRIVAL) UTF-8 MODSEQ 1"));
}

TEST(ImapSort, threads) {
    threads("(2)(1 3 4)", "REFS");
    threads("(2)(1 3 4)", "REFERENCES");
    threads("(3 1)(2)(4)", "ORDEREDSUBJECT");
    CHECK_ANSWER("* THREAD (3 4)\r\nOK Threaded\r\n", client.say("THREAD REFERENCES UTF-8 3:4"));
    CHECK_ANSWER("* THREAD\r\nOK Threaded\r\n", client.say("UID THREAD REFS UTF-8 SUBJECT nothing"));
}

TEST(ImapSort, threads_by_uid) {
    client.say("STORE 2 +FLAGS (\\Deleted)");
    client.say("EXPUNGE");
    CHECK_ANSWER("* THREAD (1 2 3)\r\nOK Threaded\r\n", client.say("THREAD REFS UTF-8 ALL"));
    CHECK_ANSWER("* THREAD (1 3 4)\r\nOK Threaded\r\n", client.say("UID THREAD REFS UTF-8 ALL"));
}
