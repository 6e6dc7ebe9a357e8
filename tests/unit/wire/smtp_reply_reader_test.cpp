#include "wire/smtp_reply.h"
#include "wire/smtp_reply_reader.h"

#include <CppUTest/TestHarness.h>

#include <string>
#include <vector>

namespace smtp_reply_reader_test {

using namespace postern::wire::smtp;

namespace {

struct Answers {
    std::vector<ServerReply> replies;
    bool malformed = false;
};

// What comes of `stream`, delivered `step` octets at a time.
Answers read(std::string_view stream, std::size_t step) {
    ReplyReader reader;
    Answers answers;
    while (!stream.empty() && !answers.malformed) {
        auto piece = stream.substr(0, step);
        stream.remove_prefix(piece.size());
        for (ReplyReading outcome{}; outcome != ReplyReading::malformed && !piece.empty();) {
            ReadReply const read = reader.next(piece);
            outcome = read.outcome;
            if (outcome == ReplyReading::reply) answers.replies.push_back(read.reply);
            if (outcome == ReplyReading::partial) LONGS_EQUAL(piece.size(), read.consumed);
            piece.remove_prefix(read.consumed);
        }
        if (reader.next("").outcome == ReplyReading::malformed) answers.malformed = true;
    }
    return answers;
}

constexpr std::size_t steps[] = {1, 2, 3, 7, 100'000};

void gives(std::string_view stream, std::vector<ServerReply> const& expected) {
    for (std::size_t step : steps) {
        auto const answers = read(stream, step);
        CHECK_FALSE(answers.malformed);
        CHECK(answers.replies == expected);
    }
}

void malformed(std::string_view stream) {
    for (std::size_t step : steps) {
        auto const answers = read(stream, step);
        CHECK(answers.malformed);
        CHECK(answers.replies.empty());
    }
}

} // namespace

TEST_GROUP(SmtpReplyReader){};

// RFC 5321 Appendix D.1
TEST(SmtpReplyReader, reads_replies_of_one_line_and_of_several) {
    gives("220 foo.com Simple Mail Transfer Service Ready\r\n"
          "250-foo.com greets bar.com\r\n250-8BITMIME\r\n250-SIZE\r\n250-DSN\r\n250 HELP\r\n",
          {{220, "", {"foo.com Simple Mail Transfer Service Ready"}},
           {250, "", {"foo.com greets bar.com", "8BITMIME", "SIZE", "DSN", "HELP"}}});
}

TEST(SmtpReplyReader, ends_with_the_reply_and_leaves_what_follows) {
    ReplyReader reader;
    ReadReply const first = reader.next("250 one\r\n550 two\r\n");
    CHECK(first.outcome == ReplyReading::reply);
    LONGS_EQUAL(9, first.consumed);
    STRCMP_EQUAL("550 two", reader.next("550 two\r\n").reply.text().c_str());
}

TEST(SmtpReplyReader, waits_for_the_last_line) {
    ReplyReader reader;
    CHECK(reader.next("250-one\r\n250 tw").outcome == ReplyReading::partial);
    CHECK(reader.next("o\r").outcome == ReplyReading::partial);
    CHECK(reader.next("\n").reply == ServerReply(250, "", {"one", "two"}));
}

// RFC 2034 §4
TEST(SmtpReplyReader, takes_enhanced_codes_off_the_text) {
    gives("250 2.1.5 Ok\r\n", {{250, "2.1.5", {"Ok"}}});
    gives("550-5.1.1 No such\r\n550 5.1.1 user\r\n", {{550, "5.1.1", {"No such", "user"}}});
    gives("421 4.123.321\r\n", {{421, "4.123.321", {""}}});
    gives("550-Look at\r\n550 5.7.26 the sender\r\n", {{550, "5.7.26", {"Look at", "the sender"}}});
}

TEST(SmtpReplyReader, what_is_no_enhanced_code_of_this_reply_is_text) {
    for (std::string_view text : {"4.7.1 another class", "5.1 too short", "5.1.1234 too long", "5.1.1x", "5.1.",
                                  "5..1 no subject", "192.0.2.1 is listed", "5.1.1.1 is an address"})
        gives("550 " + std::string(text) + "\r\n", {{550, "", {std::string(text)}}});
    gives("354 3.0.0 go ahead\r\n", {{354, "", {"3.0.0 go ahead"}}});
    gives("550-5.1.1 a\r\n550 5.7.1 b\r\n", {{550, "5.1.1", {"a", "5.7.1 b"}}});
}

TEST(SmtpReplyReader, understands_servers_that_break_the_rules) {
    gives("250\r\n250 \r\n250-\r\n250\r\n", {{250, "", {""}}, {250, "", {""}}, {250, "", {"", ""}}});
    gives("220 bare\n250-line\n250 feeds\n", {{220, "", {"bare"}}, {250, "", {"line", "feeds"}}});
    gives("250\ttab\r\n", {{250, "", {"tab"}}});
    gives("550 gr\xfc\xdf\r\n", {{550, "", {"gr\xfc\xdf"}}});
    gives(std::string("550 a\0b\rc\r\n", 11), {{550, "", {std::string("a\0b\rc", 5)}}});
}

TEST(SmtpReplyReader, cuts_long_lines) {
    std::string const text(kept_line_limit - 4, 'x');
    gives("250 " + text + "\r\n", {{250, "", {text}}});
    gives("250-" + text + "yyy\r\n250 z\r\n", {{250, "", {text, "z"}}});
}

TEST(SmtpReplyReader, refuses_what_is_no_reply) {
    for (std::string_view stream :
         {"\r\n", "25\r\n", "25x ok\r\n", "250ok\r\n", "2500 ok\r\n", "150 ok\r\n", "650 ok\r\n", " 250 ok\r\n",
          "HTTP/1.1 400 Bad Request\r\n", "* OK IMAP4rev1\r\n", "250-a\r\n\r\n250 b\r\n"})
        malformed(stream);
}

// RFC 5321 §4.2.1
TEST(SmtpReplyReader, refuses_lines_that_differ_in_their_codes) {
    malformed("250-a\r\n550 b\r\n");
    malformed("250-a\r\n251-b\r\n250 c\r\n");
}

TEST(SmtpReplyReader, reads_nothing_after_what_is_no_reply) {
    ReplyReader reader;
    CHECK(reader.next("what\r\n").outcome == ReplyReading::malformed);
    CHECK(reader.next("250 ok\r\n").outcome == ReplyReading::malformed);
}

TEST(SmtpReplyReader, bounds_the_lines_of_a_reply) {
    std::string stream;
    for (std::size_t i = 1; i < reply_lines_limit; ++i) stream += "250-\r\n";
    gives(stream + "250 \r\n", {{250, "", std::vector<std::string>(reply_lines_limit)}});
    malformed(stream + "250-\r\n250 \r\n");
}

TEST(SmtpReplyReader, bounds_the_octets_of_a_reply) {
    std::string const line = "250 " + std::string(reply_limit - 6, 'x') + "\r\n";
    gives(line + line, std::vector<ServerReply>(2, {250, "", {std::string(kept_line_limit - 4, 'x')}}));
    malformed("250 " + std::string(reply_limit - 5, 'x') + "\r\n");
    malformed(std::string(reply_limit + 1, '2'));
}

TEST(SmtpReplyReader, knows_the_kinds_of_replies) {
    CHECK(ServerReply(250, "", {""}).positive() && ServerReply(354, "", {""}).intermediate());
    CHECK(ServerReply(421, "", {""}).transient() && ServerReply(554, "", {""}).permanent());
    CHECK_FALSE(ServerReply(354, "", {""}).positive() || ServerReply(554, "", {""}).transient());
}

TEST(SmtpReplyReader, says_a_reply_in_one_line) {
    STRCMP_EQUAL("550 5.1.1 No such user", ServerReply(550, "5.1.1", {"No such", "", "user"}).text().c_str());
    STRCMP_EQUAL("250", ServerReply(250, "", {""}).text().c_str());
}

TEST(SmtpReplyReader, says_a_reply_without_what_could_do_harm) {
    STRCMP_EQUAL("550 a  [31mb c", ServerReply(550, "", {"a\r\x1b[31mb\tc"}).text().c_str());
    STRCMP_EQUAL("550 b\xc3\xbc"
                 "b \xef\xbf\xbd",
                 ServerReply(550, "",
                             {"b\xc3\xbc"
                              "b \xfc"})
                     .text()
                     .c_str());
    LONGS_EQUAL(reply_text_limit, ServerReply(550, "", {std::string(2000, 'x')}).text().size());
    // No character is cut in two: 4 octets of code and blank, then pairs.
    std::string umlauts = "x";
    for (int i = 0; i < 1000; ++i) umlauts += "\xc3\xbc";
    LONGS_EQUAL(reply_text_limit - 1, ServerReply(550, "", {umlauts}).text().size());
}

TEST(SmtpReplyReader, reads_what_our_own_server_writes) {
    gives(format({214, "2.0.0", "one\ntwo\nthree"}), {{214, "2.0.0", {"one", "two", "three"}}});
}

} // namespace smtp_reply_reader_test
