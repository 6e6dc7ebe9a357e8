#include "wire/imap_reply_reader.h"
#include "wire/imap_response.h"

#include <CppUTest/TestHarness.h>

#include <format>
#include <string>
#include <vector>

namespace imap_reply_reader_test {

using namespace postern;
using namespace postern::wire::imap;
using namespace std::chrono_literals;

namespace {

struct Read {
    std::vector<Reply> replies;
    std::string octets; // of messages
    FetchReply before;  // what was known while they came
    bool malformed = false;
};

Read read(std::string_view stream, std::size_t step) {
    ReplyReader reader;
    Read result;
    std::string_view input;
    std::size_t given = 0;
    while (!result.malformed) {
        auto read = reader.next(input);
        input.remove_prefix(read.consumed);
        switch (read.outcome) {
        case ReplyReading::partial: {
            LONGS_EQUAL(0, input.size());
            if (given == stream.size()) return result;
            input = stream.substr(given, step);
            given += input.size();
            break;
        }
        case ReplyReading::reply: result.replies.push_back(std::move(read.reply)); break;
        case ReplyReading::body:
            result.octets += read.octets;
            result.before = read.fetch;
            break;
        case ReplyReading::malformed: result.malformed = true; break;
        }
    }
    return result;
}

constexpr std::size_t steps[] = {1, 2, 3, 7, 100'000};

// The same however it is cut.
Read read(std::string_view stream) {
    auto const whole = read(stream, stream.size() + 1);
    for (std::size_t const step : steps) {
        auto const cut = read(stream, step);
        CHECK(cut.replies == whole.replies);
        CHECK(cut.octets == whole.octets);
        CHECK_EQUAL(whole.malformed, cut.malformed);
    }
    return whole;
}

template <typename Expected> Expected only(std::string_view stream) {
    auto const result = read(stream);
    CHECK_FALSE(result.malformed);
    LONGS_EQUAL(1, result.replies.size());
    auto const* reply = std::get_if<Expected>(&result.replies.front());
    CHECK_TEXT(reply != nullptr, std::string(stream).c_str());
    return *reply;
}

} // namespace

TEST_GROUP(ImapReplyReader){};

// RFC 3501 §7.1
TEST(ImapReplyReader, reads_a_greeting_and_the_end_of_a_command) {
    auto const greeting = only<StatusReply>("* OK [CAPABILITY IMAP4rev1 IDLE] IMAP4rev1 server ready\r\n");
    CHECK(greeting.tag.empty() && greeting.condition == Condition::ok);
    STRCMP_EQUAL("CAPABILITY", greeting.code.c_str());
    CHECK((parse_capabilities(greeting.code_arguments) == std::vector<std::string>{"IMAP4REV1", "IDLE"}));
    auto const done = only<StatusReply>("a047 NO [AUTHENTICATIONFAILED] No such password\r\n");
    STRCMP_EQUAL("a047", done.tag.c_str());
    CHECK(done.condition == Condition::no);
    STRCMP_EQUAL("No such password", done.text.c_str());
    CHECK(only<StatusReply>("* BYE Autologout\r\n").condition == Condition::bye);
    CHECK(only<StatusReply>("* PREAUTH\r\n").condition == Condition::preauth);
}

TEST(ImapReplyReader, a_status_is_fit_to_be_shown) {
    auto const status = only<StatusReply>("A1 NO \x1b[2J \xff hm\r\n");
    STRCMP_EQUAL(" [2J \xEF\xBF\xBD hm", status.text.c_str());
}

TEST(ImapReplyReader, the_text_of_a_status_announces_no_literal) {
    STRCMP_EQUAL("see {5}", only<StatusReply>("A1 OK see {5}\r\n").text.c_str());
    STRCMP_EQUAL("see {5}", only<StatusReply>("* NO see {5}\r\n").text.c_str());
}

TEST(ImapReplyReader, reads_a_continuation) {
    STRCMP_EQUAL("dGVzdA==", only<ContinuationReply>("+ dGVzdA==\r\n").text.c_str());
    STRCMP_EQUAL("", only<ContinuationReply>("+\r\n").text.c_str());
}

TEST(ImapReplyReader, reads_what_our_own_server_says) {
    std::string out;
    put_exists(out, 23);
    LONGS_EQUAL(23, only<ExistsReply>(out).messages);
    out.clear();
    put_capability(out, std::vector<std::string_view>{"IMAP4rev1", "UIDPLUS"});
    CHECK((only<CapabilityReply>(out).names == std::vector<std::string>{"IMAP4REV1", "UIDPLUS"}));
    out.clear();
    put_list(out, {.attributes = {"\\HasChildren", "\\Sent"}, .name = "Gesendete Äpfel"});
    auto const listed = only<ListReply>(out);
    STRCMP_EQUAL("Gesendete Äpfel", listed.name.c_str());
    LONGS_EQUAL(2, listed.attributes.size());
    out = "* 1 FETCH (INTERNALDATE ";
    put_internal_date(out, std::chrono::sys_days{2026y / 1 / 5} + 10h, 60min);
    CHECK(only<FetchReply>(out + ")\r\n").internal_date == std::chrono::sys_days{2026y / 1 / 5} + 10h);
}

TEST(ImapReplyReader, reads_what_is_known_of_a_message) {
    auto const fetch = only<FetchReply>("* 12 FETCH (FLAGS (\\Seen \\Deleted $Junk) MODSEQ (65402) UID 4392 "
                                        "INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 44827)\r\n");
    LONGS_EQUAL(4392, core::number(*fetch.uid));
    LONGS_EQUAL(44827, *fetch.size);
    CHECK(fetch.internal_date == std::chrono::sys_days{1996y / 7 / 17} + 9h + 44min + 25s);
    CHECK(fetch.deleted);
    CHECK_FALSE(fetch.has_body);
    CHECK_FALSE(only<FetchReply>("* 12 FETCH (FLAGS (\\Seen))\r\n").deleted);
}

TEST(ImapReplyReader, hands_on_a_message_and_keeps_nothing_of_it) {
    auto const result = read("* 5 FETCH (UID 7 BODY[]<100> {11}\r\nA1 OK {3}\r\n FLAGS ())\r\nA2 OK done\r\n");
    CHECK_FALSE(result.malformed);
    STRCMP_EQUAL("A1 OK {3}\r\n", result.octets.c_str());
    LONGS_EQUAL(7, core::number(*result.before.uid));
    LONGS_EQUAL(100, result.before.origin);
    LONGS_EQUAL(11, result.before.body_octets);
    LONGS_EQUAL(2, result.replies.size());
    auto const& fetch = std::get<FetchReply>(result.replies.front());
    CHECK(fetch.has_body);
    LONGS_EQUAL(11, fetch.body_octets);
    LONGS_EQUAL(7, core::number(*fetch.uid));
}

TEST(ImapReplyReader, a_message_may_come_before_its_uid) {
    auto const result = read("* 5 FETCH (BODY[] {3}\r\nabc UID 7)\r\n");
    STRCMP_EQUAL("abc", result.octets.c_str());
    CHECK_FALSE(result.before.uid.has_value());
    LONGS_EQUAL(7, core::number(*std::get<FetchReply>(result.replies.front()).uid));
}

TEST(ImapReplyReader, a_message_may_be_short_or_nothing) {
    auto const quoted = only<FetchReply>("* 5 FETCH (UID 7 BODY[]<0> \"a \\\"b\\\"\")\r\n");
    STRCMP_EQUAL("a \"b\"", quoted.quoted_body.c_str());
    CHECK(quoted.has_body);
    CHECK(only<FetchReply>("* 5 FETCH (UID 7 BODY[] NIL)\r\n").has_body);
    auto const empty = read("* 5 FETCH (UID 7 BODY[]<9> {0}\r\n)\r\n");
    CHECK(empty.octets.empty());
    CHECK(std::get<FetchReply>(empty.replies.front()).has_body);
}

TEST(ImapReplyReader, gathers_literals_that_are_no_message) {
    STRCMP_EQUAL("Ä", only<ListReply>("* LIST () \"/\" {5}\r\n&AMQ-\r\n").name.c_str());
    auto const result = read("* 5 FETCH (ENVELOPE ({2}\r\n)( NIL) UID 7 BODY[] {1}\r\nx)\r\n");
    STRCMP_EQUAL("x", result.octets.c_str());
    LONGS_EQUAL(7, core::number(*result.before.uid));
}

// RFC 7162 §3.2.10's examples
TEST(ImapReplyReader, reads_what_vanished) {
    core::UidSet const uids{core::Uid{41}, core::Uid{43}, core::Uid{44}};
    CHECK(uids == only<VanishedReply>("* VANISHED (EARLIER) 41,43:44\r\n").uids);
    CHECK(uids == only<VanishedReply>("* VANISHED 41,43:44\r\n").uids);
    CHECK(only<VanishedReply>("* VANISHED 300:310,405,411\r\n").uids.contains(core::Uid{411}));
    for (auto const* nonsense :
         {"* VANISHED\r\n", "* VANISHED (EARLIER\r\n", "* VANISHED $\r\n", "* VANISHED 1,,2\r\n"})
        (void)only<OtherReply>(nonsense);
}

TEST(ImapReplyReader, passes_over_what_makes_no_sense) {
    auto const result = read(
        "* FROBNICATE\r\n\r\n* 1 FETCH (UID x)\r\n* 1 FETCH ((((\r\n* 3 EXPUNGE\r\n* LIST\r\nhello\r\nA1 OK yes\r\n");
    CHECK_FALSE(result.malformed);
    LONGS_EQUAL(8, result.replies.size());
    for (std::size_t at = 0; at < 7; ++at) CHECK(std::holds_alternative<OtherReply>(result.replies[at]));
}

TEST(ImapReplyReader, a_response_that_never_ends_is_malformed) {
    CHECK(read(std::string(reply_text_limit + 1, 'x'), 4096).malformed);
    std::string const literal = std::format("* LIST () \"/\" {{{}}}\r\n", std::uint64_t{1} << 40U);
    CHECK(read(literal + std::string(reply_text_limit + 1, 'x'), 4096).malformed);
    std::string many = "* 1 FETCH (X (";
    for (std::size_t at = 0; at <= reply_literals_limit; ++at) many += "{0}\r\n ";
    CHECK(read(many, 4096).malformed);
}

TEST(ImapReplyReader, a_message_that_does_not_end_as_it_should_is_malformed) {
    CHECK(read("* 5 FETCH (UID 7 BODY[] {3}\r\nabc BODY[] {3}\r\nabc)\r\n").malformed);
    CHECK(read("* 5 FETCH (UID 7 BODY[] {3}\r\nabc\r\n").malformed);
}

} // namespace imap_reply_reader_test
