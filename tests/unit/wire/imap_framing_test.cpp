#include "wire/imap_framing.h"

#include <CppUTest/TestHarness.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace imap_framing_test {

using namespace postern::wire::imap;

namespace {

template <typename... Cases> struct Overloaded : Cases... {
    using Cases::operator()...;
};

std::string spell(Framed const& framed) {
    std::string out = framed.texts.front();
    for (std::size_t i = 0; i < framed.literals.size(); ++i)
        out += "<" + framed.literals[i] + ">" + framed.texts.at(i + 1);
    if (framed.message) out += "<message of " + std::to_string(*framed.message) + ">";
    return out;
}

// What the framer says to a stream that comes in pieces of `step` octets; a message's octets in one.
std::vector<std::string> events(std::string_view stream, std::size_t step, FrameLimits limits = {},
                                bool refuse_messages = false) {
    CommandFramer framer(limits);
    std::vector<std::string> log;
    std::string message;
    std::string input;
    bool more = true;
    auto const note = Overloaded{
        [&](MoreNeeded) { more = false; },
        [&](ContinuationNeeded) { log.push_back("+"); },
        [&](CommandReady const& ready) { log.push_back("command " + spell(ready.command)); },
        [&](MessageAnnounced const& announced) {
            if (!message.empty()) log.push_back("message " + std::exchange(message, {}));
            log.push_back((announced.synchronising ? "announced " : "announced+ ") + spell(announced.command));
            if (refuse_messages)
                framer.refuse_message();
            else
                framer.accept_message();
        },
        [&](MessageOctets const& octets) { message += octets.octets; },
        [&](MessageComplete const& complete) {
            log.push_back("message " + std::exchange(message, {}) + spell(complete.rest));
        },
        [&](Refused const& refused) {
            message.clear();
            log.push_back("refused " + refused.tag + " " + std::string(refused.reason));
        },
    };
    while (!stream.empty()) {
        input += stream.substr(0, step);
        stream.remove_prefix(std::min(step, stream.size()));
        do {
            std::size_t consumed = 0;
            more = true;
            std::visit(note, framer.feed(input, consumed));
            input.erase(0, consumed);
        } while (more);
        CHECK_TRUE(input.empty());
    }
    return log;
}

std::string join(std::vector<std::string> const& log) {
    std::string out;
    for (std::string const& line : log) out += line + "\n";
    return out;
}

// The stream makes these events, however it is cut.
void frames(std::string_view stream, std::vector<std::string> const& expected, FrameLimits limits = {},
            bool refuse_messages = false) {
    for (std::size_t const step : {stream.size(), std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}})
        STRCMP_EQUAL(join(expected).c_str(), join(events(stream, step, limits, refuse_messages)).c_str());
}

} // namespace

TEST_GROUP(ImapFraming){};

TEST(ImapFraming, a_line_is_a_command) { frames("a1 NOOP\r\na2 LOGOUT\r\n", {"command a1 NOOP", "command a2 LOGOUT"}); }

TEST(ImapFraming, an_empty_line_is_a_command_too) { frames("\r\na2 NOOP\r\n", {"command ", "command a2 NOOP"}); }

TEST(ImapFraming, an_unfinished_line_is_no_event) { frames("a1 NOOP\r", {}); }

// RFC 3501 §4.3, §6.2.3, §7.5
TEST(ImapFraming, a_synchronising_literal_asks_to_be_continued) {
    frames("A001 LOGIN {11}\r\nFRED FOOBAR {7}\r\nfat man\r\n",
           {"+", "+", "command A001 LOGIN <FRED FOOBAR> <fat man>"});
}

// RFC 7888 §4
TEST(ImapFraming, a_non_synchronising_literal_does_not) {
    frames("A001 LOGIN {11+}\r\nFRED FOOBAR {7+}\r\nfat man\r\n", {"command A001 LOGIN <FRED FOOBAR> <fat man>"});
}

TEST(ImapFraming, a_literal_holds_anything_that_looks_like_a_command) {
    frames("a1 LOGIN {15+}\r\n\r\na2 DELETE x\r\n {3+}\r\n{1}\r\n", {"command a1 LOGIN <\r\na2 DELETE x\r\n> <{1}>"});
}

TEST(ImapFraming, a_literal_may_be_empty) { frames("a1 LIST {0+}\r\n {0}\r\n\r\n", {"+", "command a1 LIST <> <>"}); }

TEST(ImapFraming, braces_that_announce_nothing_are_text) {
    for (std::string const text : {"a1 X {}", "a1 X {+}", "a1 X {-1}", "a1 X {1-}", "a1 X {1} ", "a1 X }", "a1 X {1a}",
                                   "a1 X {123456789012345678901}"})
        frames(text + "\r\n", {"command " + text});
}

TEST(ImapFraming, a_bare_line_feed_refuses_its_line_and_what_follows_up_to_the_next_crlf) {
    frames("a1 NOOP\na2 NOOP\na3 DELETE INBOX\r\na4 NOOP\r\n",
           {"refused a1 Lines end in CRLF, not in a bare LF", "refused a2 Lines end in CRLF, not in a bare LF",
            "refused a3 This line follows one that ended in a bare LF", "command a4 NOOP"});
}

TEST(ImapFraming, no_literal_is_read_after_a_bare_line_feed) {
    frames("a1 LOGIN {5+}\nabcde\r\na4 NOOP\r\n",
           {"refused a1 Lines end in CRLF, not in a bare LF", "refused * This line follows one that ended in a bare LF",
            "command a4 NOOP"});
}

TEST(ImapFraming, a_bare_carriage_return_is_refused) {
    frames("a1 NOOP\rx\r\na2 NOOP\r\r\na3 NOOP\r\n",
           {"refused a1 The line contains a bare CR", "refused a2 The line contains a bare CR", "command a3 NOOP"});
}

TEST(ImapFraming, nul_is_refused_in_lines_and_literals) {
    using namespace std::string_view_literals;
    frames(
        "a1 NO\0OP\r\na2 LOGIN {3+}\r\na\0b c\r\na3 NOOP\r\n"sv,
        {"refused a1 The line contains a NUL octet", "refused a2 The literal contains a NUL octet", "command a3 NOOP"});
}

TEST(ImapFraming, a_refused_line_still_has_its_non_synchronising_literals_read) {
    frames("a1 X \r {11+}\r\na2 DELETE x rest {4+}\r\n\r\n\r\n more\r\na3 NOOP\r\n",
           {"refused a1 The line contains a bare CR", "command a3 NOOP"});
}

TEST(ImapFraming, a_line_over_the_limit_is_refused_at_its_end) {
    FrameLimits const limits{.text = 20};
    frames("a1 " + std::string(16, 'x') + "\r\n", {"command a1 " + std::string(16, 'x')}, limits);
    frames("a1 " + std::string(17, 'x') + "\r\na2 NOOP\r\n",
           {"refused a1 The command line is too long", "command a2 NOOP"}, limits);
    frames(std::string(1000, 'x') + "\r\na2 NOOP\r\n", {"refused * The command line is too long", "command a2 NOOP"},
           limits);
}

TEST(ImapFraming, the_lines_of_a_command_count_together) {
    FrameLimits const limits{.text = 20};
    frames("a1 X {1+}\r\nb yyyyyyyyyyyyyyyyyyyy\r\na2 NOOP\r\n",
           {"refused a1 The command line is too long", "command a2 NOOP"}, limits);
}

TEST(ImapFraming, the_literal_of_a_line_that_is_too_long_is_no_command) {
    // Wherever the limit falls, "{13+}" is seen.
    for (std::size_t limit = 8; limit < 34; ++limit)
        frames("a1 SEARCH TEXT {13+}\r\na2 DELETE b\r\nx {12+}\r\na2 DELETE b\r {2}\r\na3 NOOP\r\n",
               {"refused a1 The command line is too long", "command a3 NOOP"}, {.text = limit});
}

TEST(ImapFraming, a_synchronising_literal_over_the_limit_is_not_asked_for) {
    FrameLimits const limits{.literals = 10};
    frames("a1 LOGIN {11}\r\na2 NOOP\r\n", {"refused a1 The literal is too large", "command a2 NOOP"}, limits);
    frames("a1 LOGIN {6}\r\nabcdef {5}\r\na2 NOOP\r\n", {"+", "refused a1 The literal is too large", "command a2 NOOP"},
           limits);
    frames("a1 LOGIN {99999999999999999999}\r\na2 NOOP\r\n", {"refused a1 The literal is too large", "command a2 NOOP"},
           limits);
}

TEST(ImapFraming, a_non_synchronising_literal_over_the_limit_is_read_and_dropped) {
    FrameLimits const limits{.literals = 10};
    frames("a1 LOGIN {12+}\r\na2 DELETE x\r {3+}\r\na\r\n\r\na2 NOOP\r\n",
           {"refused a1 The literal is too large", "command a2 NOOP"}, limits);
    frames("a1 LOGIN {12+}\r\nabcdefghijkl {3}\r\na2 NOOP\r\n",
           {"refused a1 The literal is too large", "command a2 NOOP"}, limits);
}

TEST(ImapFraming, a_literal_of_more_octets_than_there_are_never_ends) {
    frames("a1 LOGIN {18446744073709551616+}\r\na2 NOOP\r\na3 NOOP\r\n", {});
}

TEST(ImapFraming, literals_are_counted) {
    frames("a1 X {1+}\r\na {1+}\r\nb {1+}\r\nc\r\na2 NOOP\r\n",
           {"refused a1 The command has too many literals", "command a2 NOOP"}, {.literal_count = 2});
}

TEST(ImapFraming, a_tag_is_only_echoed_if_it_is_one) {
    frames("a+1 \r \r\n", {"refused * The line contains a bare CR"});
    frames("\" \r \r\n", {"refused * The line contains a bare CR"});
    frames(std::string(101, 'a') + " \r \r\n", {"refused * The line contains a bare CR"});
    frames("abc\rdef\r\n", {"refused * The line contains a bare CR"});
}

// RFC 3501 §6.3.11
TEST(ImapFraming, the_message_of_append_is_handed_on) {
    frames("A003 APPEND saved-messages (\\Seen) {10}\r\nDate: \r\n\r\n\r\nA004 NOOP\r\n",
           {"announced A003 APPEND saved-messages (\\Seen) <message of 10>", "message Date: \r\n\r\n",
            "command A004 NOOP"});
    frames("a1 append x {5+}\r\nhello\r\n", {"announced+ a1 append x <message of 5>", "message hello"});
}

TEST(ImapFraming, the_mailbox_of_append_may_be_a_literal) {
    frames("a1 APPEND {5+}\r\nINBOX {5+}\r\nhello\r\n",
           {"announced+ a1 APPEND <INBOX> <message of 5>", "message hello"});
}

TEST(ImapFraming, an_empty_message_is_complete_at_once) {
    frames("a1 APPEND x {0}\r\n\r\na2 NOOP\r\n",
           {"announced a1 APPEND x <message of 0>", "message ", "command a2 NOOP"});
}

TEST(ImapFraming, a_message_is_not_measured_by_the_limits_of_commands) {
    std::string const message(1000, 'x');
    frames("a1 APPEND x {1000+}\r\n" + message + "\r\n",
           {"announced+ a1 APPEND x <message of 1000>", "message " + message},
           {.text = 30, .literals = 10, .literal_count = 1});
}

TEST(ImapFraming, a_refused_message_is_read_if_it_comes_unasked) {
    frames("a1 APPEND x {12+}\r\na2 DELETE x\r x {3+}\r\nabc\r\na2 NOOP\r\n",
           {"announced+ a1 APPEND x <message of 12>", "command a2 NOOP"}, {}, true);
    frames("a1 APPEND x {12}\r\na2 NOOP\r\n", {"announced a1 APPEND x <message of 12>", "command a2 NOOP"}, {}, true);
}

// RFC 3502 §6.3.11
TEST(ImapFraming, further_messages_are_announced_each_with_what_stands_before_it) {
    frames("a1 APPEND x {2}\r\nab (\\Seen) {3+}\r\ncde {1}\r\nf\r\na2 NOOP\r\n",
           {"announced a1 APPEND x <message of 2>", "message ab", "announced+  (\\Seen) <message of 3>", "message cde",
            "announced  <message of 1>", "message f", "command a2 NOOP"});
}

// RFC 4469 §5: what follows URL is an astring.
TEST(ImapFraming, literals_of_a_message_and_of_a_url_are_told_apart) {
    frames(
        "a1 APPEND x CATENATE (URL {2+}\r\n/a TEXT {3+}\r\nabc url {2}\r\n/b UTF8 (~{1}\r\nz) URL /c)\r\na2 NOOP\r\n",
        {"announced+ a1 APPEND x CATENATE (URL </a> TEXT <message of 3>", "+", "message abc",
         "announced  url </b> UTF8 (<message of 1>", "message z) URL /c)", "command a2 NOOP"});
    frames("a1 APPEND x CATENATE (URL {2+}\r\n/a)\r\n", {"command a1 APPEND x CATENATE (URL </a>)"});
    frames("a1 APPEND url {2+}\r\nab\r\n", {"announced+ a1 APPEND url <message of 2>", "message ab"});
    frames("a1 APPEND {3+}\r\nurl {2+}\r\nab\r\n", {"announced+ a1 APPEND <url> <message of 2>", "message ab"});
}

// RFC 8508 §5
TEST(ImapFraming, the_message_of_replace_is_handed_on) {
    frames("a1 REPLACE 4 x {2+}\r\nab\r\n", {"announced+ a1 REPLACE 4 x <message of 2>", "message ab"});
    frames("a1 uid replace * {1+}\r\nx {2+}\r\nab\r\n",
           {"announced+ a1 uid replace * <x> <message of 2>", "message ab"});
    frames("a1 REPLACE 4 url {2+}\r\nab\r\n", {"announced+ a1 REPLACE 4 url <message of 2>", "message ab"});
    frames("a1 REPLACE {1+}\r\n4\r\n", {"command a1 REPLACE <4>"});
    frames("a1 UID COPY 4 {1+}\r\nx\r\n", {"command a1 UID COPY 4 <x>"});
}

TEST(ImapFraming, the_limits_are_those_of_a_piece) {
    FrameLimits const limits{.text = 45, .literals = 4, .literal_count = 1};
    std::string stream = "a1 APPEND x CATENATE (", piece = "URL {4+}\r\n/abc TEXT {1+}\r\nz";
    for (int i = 0; i < 20; ++i) stream += piece + ' ';
    auto const log = events(stream + piece + ")\r\n", 7, limits);
    LONGS_EQUAL(42, log.size());
    STRCMP_EQUAL("message z)", log.back().c_str());
    frames("a1 APPEND x {1+}\r\nz " + std::string(45, 'y') + " {2+}\r\nab\r\na2 NOOP\r\n",
           {"announced+ a1 APPEND x <message of 1>", "refused a1 The command line is too long", "command a2 NOOP"},
           limits);
    frames("a1 APPEND x {1+}\r\nz URL {5}\r\na2 NOOP\r\n",
           {"announced+ a1 APPEND x <message of 1>", "refused a1 The literal is too large", "command a2 NOOP"}, limits);
}

TEST(ImapFraming, a_refused_message_takes_with_it_what_follows_of_its_command) {
    frames("a1 APPEND x {2+}\r\nab {3+}\r\ncde (\\Seen) {2}\r\na2 NOOP\r\n",
           {"announced+ a1 APPEND x <message of 2>", "command a2 NOOP"}, {}, true);
}

TEST(ImapFraming, a_message_with_nul_is_refused) {
    using namespace std::string_view_literals;
    frames("a1 APPEND x {4}\r\na\0bc\r\na2 NOOP\r\n"sv,
           {"announced a1 APPEND x <message of 4>", "refused a1 The message contains a NUL octet", "command a2 NOOP"});
}

TEST(ImapFraming, append_without_a_message_is_a_command) { frames("a1 APPEND x\r\n", {"command a1 APPEND x"}); }

TEST(ImapFraming, only_append_has_a_message) {
    frames("a1 APPENDX y {1+}\r\nz\r\n", {"command a1 APPENDX y <z>"});
    frames("a1  APPEND y {1+}\r\nz\r\n", {"command a1  APPEND y <z>"});
}

TEST(ImapFraming, nothing_is_taken_until_the_session_has_answered_the_announcement) {
    CommandFramer framer;
    std::size_t consumed = 0;
    CHECK_TRUE(std::holds_alternative<MessageAnnounced>(framer.feed("a1 APPEND x {3+}\r\nabc\r\n", consumed)));
    LONGS_EQUAL(18, consumed);
    CHECK_TRUE(std::holds_alternative<MoreNeeded>(framer.feed("abc\r\n", consumed)));
    LONGS_EQUAL(0, consumed);
    framer.accept_message();
    auto const event = framer.feed("abc\r\n", consumed);
    STRCMP_EQUAL("abc", std::string(std::get<MessageOctets>(event).octets).c_str());
    LONGS_EQUAL(3, consumed);
}

// RFC 3516 §4.3, RFC 6855 §4
TEST(ImapFraming, a_message_may_be_a_literal8_and_stand_in_parentheses) {
    using namespace std::string_literals;
    frames("a APPEND x ~{3+}\r\na\0b\r\n"s, {"announced+ a APPEND x <message of 3>", "message a\0b"s});
    frames("a APPEND x UTF8 (~{3}\r\nabc)\r\n", {"announced a APPEND x UTF8 (<message of 3>", "message abc)"});
    frames("a LOGIN ~{3+}\r\nabc x\r\nb NOOP\r\n",
           {"refused a Only a message or an annotation may be a literal8", "command b NOOP"});
    frames("a LOGIN ~{3}\r\nb NOOP\r\n",
           {"refused a Only a message or an annotation may be a literal8", "command b NOOP"});
}

// RFC 2177; RFC 3501 §6.2.2
TEST(ImapFraming, lines_outside_of_the_grammar) {
    std::string const stream = "DONE\r\n{5+}\r\nx\n\r\nlong long line\r\na1 NOOP\r\n";
    for (std::size_t const step : {stream.size(), std::size_t{1}, std::size_t{3}}) {
        CommandFramer framer(FrameLimits{.text = 10});
        std::string input;
        std::string_view rest = stream;
        std::string log;
        while (log.size() < 300 && !(rest.empty() && input.empty())) {
            std::size_t consumed = 0;
            auto const event = framer.feed_line(input, consumed);
            input.erase(0, consumed);
            if (auto const* line = std::get_if<LineReady>(&event)) log += "line " + line->line + "\n";
            if (auto const* refused = std::get_if<Refused>(&event))
                log += refused->tag + " " + std::string(refused->reason) + "\n";
            if (!std::holds_alternative<MoreNeeded>(event)) continue;
            input += rest.substr(0, step);
            rest.remove_prefix(std::min(step, rest.size()));
        }
        std::size_t consumed = 0;
        auto const last = framer.feed_line(input, consumed);
        if (auto const* line = std::get_if<LineReady>(&last)) log += "line " + line->line + "\n";
        STRCMP_EQUAL("line DONE\nline {5+}\n* Lines end in CRLF, not in a bare LF\n"
                     "* This line follows one that ended in a bare LF\n* The command line is too long\nline a1 NOOP\n",
                     log.c_str());
    }
}

// The session has no room: it answers itself, and what follows is read and dropped.
TEST(ImapFraming, refuses_a_command_in_the_middle) {
    for (std::string_view const stream :
         {"a1 SEARCH TEXT {5}\r\n", "a1 SEARCH TEXT {5+}\r\nab|cde x\r\n", "a1 SEARCH TE|XT x {3+}\r\nabc y\r\n"}) {
        std::size_t const cut = std::min(stream.find('|'), stream.size());
        CommandFramer framer;
        std::size_t consumed = 0;
        auto const event = framer.feed(stream.substr(0, cut), consumed);
        CHECK_EQUAL(cut == stream.size(), std::holds_alternative<ContinuationNeeded>(event));
        CHECK_EQUAL(cut, consumed);
        CHECK_TRUE(framer.held_octets() > 0);
        STRCMP_EQUAL("a1", framer.refuse_command().c_str());
        CHECK_EQUAL(0U, framer.held_octets());
        std::string input(stream.substr(std::min(cut + 1, stream.size())));
        input += "a2 NOOP\r\n";
        auto const next = framer.feed(input, consumed);
        CHECK_EQUAL(input.size(), consumed);
        auto const* ready = std::get_if<CommandReady>(&next);
        CHECK_TRUE(ready != nullptr);
        STRCMP_EQUAL("a2 NOOP", spell(ready->command).c_str());
    }
}

TEST(ImapFraming, tells_what_a_command_announces) {
    CommandFramer framer;
    std::size_t consumed = 0;
    (void)framer.feed("a1 SEARCH TEXT {5000}\r\n", consumed);
    CHECK_TRUE(framer.held_octets() >= 5000);
}

} // namespace imap_framing_test
