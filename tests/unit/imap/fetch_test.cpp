#include "imap_client.h"

using namespace postern::test;

namespace {

// RFC 3501 §8
constexpr std::string_view simple = "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n"
                                    "From: Terry Gray <gray@cac.washington.edu>\r\n"
                                    "Subject: IMAP4rev1 WG mtg summary and minutes\r\n"
                                    "To: imap@cac.washington.edu\r\n"
                                    "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\n"
                                    "Message-Id: <B27397-0100000@cac.washington.edu>\r\n"
                                    "MIME-Version: 1.0\r\n"
                                    "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n"
                                    "\r\n"
                                    "Minutes.\r\n";

constexpr std::string_view multipart = "Subject: parts\r\n"
                                       "Content-Type: multipart/mixed; boundary=b\r\n"
                                       "\r\n"
                                       "preamble\r\n"
                                       "--b\r\n"
                                       "\r\n"
                                       "first\r\n"
                                       "--b\r\n"
                                       "Content-Type: message/rfc822\r\n"
                                       "\r\n"
                                       "Subject: inner\r\n"
                                       "Content-Type: multipart/alternative; boundary=i\r\n"
                                       "\r\n"
                                       "--i\r\n"
                                       "Content-Type: text/html\r\n"
                                       "\r\n"
                                       "<p>hi</p>\r\n"
                                       "--i--\r\n"
                                       "--b--\r\n";

std::string literal(std::string_view name, std::string_view octets) {
    return std::format("{} {{{}}}\r\n{}", name, octets.size(), octets);
}

} // namespace

TEST_GROUP(ImapFetch) {
    ImapOffice office;
    ImapClient client{office};

    void setup() override { client.log_in(); }

    void open(std::string_view message) {
        CHECK_HAS("OK ", client.append("INBOX", message, "(\\Seen) \"05-Jan-2026 11:00:00 +0100\" "));
        client.say("SELECT INBOX");
    }
    void check(std::string_view expected, std::string_view items) {
        CHECK_ANSWER(std::format("* 1 FETCH ({})\r\nOK Fetched\r\n", expected),
                     client.say(std::format("FETCH 1 {}", items)));
    }
};

TEST(ImapFetch, tells_the_attributes_of_a_message) {
    open(simple);
    check("UID 1 FLAGS (\\Seen \\Recent) INTERNALDATE \" 5-Jan-2026 10:00:00 +0000\" RFC822.SIZE " +
              std::to_string(simple.size()),
          "(UID FLAGS INTERNALDATE RFC822.SIZE)");
    check("ENVELOPE (\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"IMAP4rev1 WG mtg summary and minutes\" "
          "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
          "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
          "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
          "((NIL NIL \"imap\" \"cac.washington.edu\")) "
          "((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")(\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\")) NIL NIL "
          "\"<B27397-0100000@cac.washington.edu>\")",
          "ENVELOPE");
    check("BODY (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7bit\" 10 1)", "BODY");
}

TEST(ImapFetch, macros_are_what_they_stand_for) {
    open(simple);
    CHECK_HAS("* 1 FETCH (FLAGS (\\Seen \\Recent) INTERNALDATE \" 5-Jan-2026 10:00:00 +0000\" RFC822.SIZE ",
              client.say("FETCH 1 FAST"));
    CHECK_HAS(" ENVELOPE (", client.say("FETCH 1 ALL"));
    CHECK_HAS(" BODY (", client.say("FETCH 1 FULL"));
}

TEST(ImapFetch, gives_header_text_and_fields) {
    open(simple);
    auto const end = simple.find("\r\n\r\n") + 4;
    check(literal("BODY[HEADER]", simple.substr(0, end)), "BODY.PEEK[HEADER]");
    check(literal("BODY[TEXT]", "Minutes.\r\n"), "BODY[TEXT]");
    check(literal("RFC822.HEADER", simple.substr(0, end)), "RFC822.HEADER");
    check(literal("RFC822.TEXT", "Minutes.\r\n"), "RFC822.TEXT");
    check(literal("RFC822", simple), "RFC822");
    check(literal("BODY[HEADER.FIELDS (subject to)]",
                  "Subject: IMAP4rev1 WG mtg summary and minutes\r\nTo: imap@cac.washington.edu\r\n\r\n"),
          "BODY[HEADER.FIELDS (subject to)]");
    check(literal("BODY[HEADER.FIELDS.NOT (Date From Subject To cc Message-Id Content-Type)]",
                  "MIME-Version: 1.0\r\n\r\n"),
          "BODY[HEADER.FIELDS.NOT (Date From Subject To cc Message-Id Content-Type)]");
    check(literal("BODY[HEADER.FIELDS (nothing)]", "\r\n"), "BODY[HEADER.FIELDS (nothing)]");
}

TEST(ImapFetch, gives_parts_by_number) {
    open(multipart);
    check(literal("BODY[1]", "first"), "BODY[1]");
    check(literal("BODY[1.MIME]", "\r\n"), "BODY[1.MIME]");
    check(literal("BODY[2.MIME]", "Content-Type: message/rfc822\r\n\r\n"), "BODY[2.MIME]");
    check(literal("BODY[2.HEADER.FIELDS (Subject)]", "Subject: inner\r\n\r\n"), "BODY[2.HEADER.FIELDS (Subject)]");
    check(literal("BODY[2.1]", "<p>hi</p>"), "BODY[2.1]");
    check(literal("BODY[2.1.MIME]", "Content-Type: text/html\r\n\r\n"), "BODY[2.1.MIME]");
    check("BODY[3] NIL", "BODY[3]");
    check("BODY[1.HEADER] NIL", "BODY[1.HEADER]");
    check("BODY[2.1.TEXT] NIL", "BODY[2.1.TEXT]");
    CHECK_HAS("BODYSTRUCTURE ((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 5 ",
              client.say("FETCH 1 BODYSTRUCTURE"));
}

TEST(ImapFetch, the_only_part_of_a_simple_message_is_part_one) {
    open(simple);
    check(literal("BODY[1]", "Minutes.\r\n"), "BODY[1]");
    check("BODY[1.1] NIL", "BODY[1.1]");
}

TEST(ImapFetch, gives_partial_sections) {
    open(simple);
    check(literal("BODY[]<0>", simple.substr(0, 10)), "BODY[]<0.10>");
    check(literal("BODY[TEXT]<3>", "utes.\r\n"), "BODY[TEXT]<3.1000>");
    check(literal("BODY[TEXT]<1000>", ""), "BODY[TEXT]<1000.5>");
    check(literal("BODY[HEADER.FIELDS (To)]<4>", "imap"), "BODY[HEADER.FIELDS (To)]<4.4>");
    check("BODY[7]<3> NIL", "BODY[7]<3.4>");
}

TEST(ImapFetch, what_is_long_is_sent_in_slices_and_whole) {
    std::string message = "Subject: long\r\n\r\n";
    for (int line = 0; message.size() < 700'000; ++line) message += std::format("line {} of a long message\r\n", line);
    open(message);
    check(literal("BODY[]", message), "BODY[]");
    check(literal("BODY[HEADER]", "Subject: long\r\n\r\n") + ' ' + literal("BODY[TEXT]", message.substr(17)) + ' ' +
              literal("BODY[]<100000>", message.substr(100'000, 300'000)),
          "(BODY[HEADER] BODY[TEXT] BODY[]<100000.300000>)");
}

TEST(ImapFetch, many_sections_are_long_together) {
    std::string message = "Subject: many\r\n\r\n";
    for (int line = 0; message.size() < 200'000; ++line) message += std::format("line {} of many\r\n", line);
    client.append("INBOX", message);
    client.append("INBOX", simple);
    client.say("SELECT INBOX");
    std::string items, expected;
    for (std::size_t begin = 0; begin < message.size(); begin += 30'000) {
        items += std::format(" BODY.PEEK[]<{}.30000>", begin);
        auto const part = message.substr(begin, 30'000);
        expected += std::format(" BODY[]<{}> {{{}}}\r\n{}", begin, part.size(), part);
    }
    std::string const answer = client.say("FETCH 1:* (" + items.substr(1) + ")");
    CHECK(answer.starts_with("* 1 FETCH (" + expected.substr(1) + ")\r\n* 2 FETCH ("));
}

TEST(ImapFetch, sets_seen_and_says_so) {
    client.append("INBOX", simple);
    client.append("INBOX", simple);
    client.say("SELECT INBOX");
    CHECK_HAS("BODY[HEADER] {", client.say("FETCH 1 BODY.PEEK[HEADER]"));
    CHECK_HAS("FLAGS (\\Recent)", client.say("FETCH 1 FLAGS"));
    CHECK_HAS("\r\n FLAGS (\\Seen \\Recent))\r\nOK Fetched\r\n", client.say("FETCH 1 BODY[HEADER]"));
    CHECK_HAS("Minutes.\r\n)\r\nOK Fetched\r\n", client.say("FETCH 1 BODY[TEXT]"));
    // Told once, in its place, if it was asked for.
    CHECK_HAS("* 2 FETCH (FLAGS (\\Seen \\Recent) RFC822 {", client.say("FETCH 2 (FLAGS RFC822)"));
    CHECK_ANSWER("OK Nothing done\r\n", client.say("NOOP"));
}

TEST(ImapFetch, by_uid_passes_over_what_is_not_there) {
    open(simple);
    CHECK_ANSWER("* 1 FETCH (FLAGS (\\Seen \\Recent) UID 1)\r\nOK Fetched\r\n", client.say("UID FETCH 1,5,9 FLAGS"));
    CHECK_ANSWER("OK Fetched\r\n", client.say("UID FETCH 7 FLAGS"));
    // RFC 3501 §6.4.8: "*" is always the last message.
    CHECK_HAS("* 1 FETCH (", client.say("UID FETCH 55:* FLAGS"));
}

TEST(ImapFetch, by_a_number_that_is_not_in_use_is_bad) {
    CHECK_HAS("OK ", client.say("SELECT INBOX"));
    CHECK_ANSWER("OK Fetched\r\n", client.say("FETCH 1:* FLAGS"));
    CHECK_HAS("BAD ", client.say("FETCH 1 FLAGS"));
    client.append("INBOX", simple);
    CHECK_HAS("* 1 FETCH (", client.say("FETCH 1:* FLAGS"));
    CHECK_HAS("BAD ", client.say("FETCH 1:2 FLAGS"));
}

TEST(ImapFetch, many_messages_in_many_batches) {
    for (int i = 0; i < 40; ++i) client.append("INBOX", std::string(simple) + std::string(9'000, 'x'));
    client.say("SELECT INBOX");
    std::string const answer = client.say("FETCH 1:* (UID BODY.PEEK[])");
    for (int i = 1; i <= 40; ++i) CHECK_HAS(std::format("* {} FETCH (UID {} BODY[] {{", i, i), answer);
    CHECK(answer.size() > 40 * 9'000);
}

TEST(ImapFetch, asks_for_too_much_at_once) {
    open(simple);
    std::string items;
    for (int i = 0; i < 101; ++i) items += std::format(" BODY[]<{}.1>", i);
    CHECK_HAS("NO [LIMIT] ", client.say("FETCH 1 (" + items.substr(1) + ")"));
}

TEST(ImapFetch, a_broken_message_has_a_structure_too) {
    open("no header at all");
    CHECK_HAS("RFC822.SIZE 16 ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) BODY (",
              client.say("FETCH 1 (RFC822.SIZE ENVELOPE BODY)"));
    check(literal("BODY[]", "no header at all"), "BODY[]");
}
