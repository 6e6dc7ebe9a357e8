#include "wire/line.h"

#include <CppUTest/TestHarness.h>

#include <string>
#include <vector>

namespace line_test {

using namespace postern::wire;

namespace {

// What comes of `stream`, delivered `step` octets at a time: lines as they are, the rest in angle brackets.
std::vector<std::string> frame(std::string_view stream, std::size_t step, std::size_t limit = 20) {
    LineFramer framer;
    std::vector<std::string> outcomes;
    std::string input;
    while (!stream.empty() || !input.empty()) {
        input.append(stream.substr(0, step));
        bool const end = stream.empty();
        stream.remove_prefix(std::min(step, stream.size()));
        while (true) {
            Framed const framed = framer.next(input, limit);
            if (framed.outcome == Framing::line) outcomes.emplace_back(framed.text);
            if (framed.outcome == Framing::malformed) outcomes.emplace_back("<malformed>");
            if (framed.outcome == Framing::too_long) outcomes.emplace_back("<too long>");
            input.erase(0, framed.consumed);
            if (framed.outcome == Framing::partial) break;
        }
        CHECK(input.size() <= limit + 1);
        if (end) break;
    }
    return outcomes;
}

void gives(std::string_view stream, std::vector<std::string> const& expected) {
    for (std::size_t step : {1UZ, 2UZ, 3UZ, 7UZ, 1000UZ}) CHECK(frame(stream, step) == expected);
}

} // namespace

TEST_GROUP(CommandLine){};

TEST(CommandLine, crlf_ends_a_line) { gives("EHLO x\r\nQUIT\r\n\r\npart", {"EHLO x", "QUIT", ""}); }

TEST(CommandLine, a_bare_line_feed_spoils_all_up_to_the_next_crlf) {
    gives("NOOP\nRSET\r\nQUIT\r\n", {"<malformed>", "QUIT"});
    gives("NOOP\nRSET\nNOOP\r\nQUIT\r\n", {"<malformed>", "<malformed>", "QUIT"});
    gives("\nQUIT\r\nNOOP\r\n", {"<malformed>", "NOOP"});
}

TEST(CommandLine, a_bare_carriage_return_spoils_the_line) {
    gives("NOOP\rRSET\r\nQUIT\r\n", {"<malformed>", "QUIT"});
    gives("NOOP\r\r\nQUIT\r\n", {"<malformed>", "QUIT"});
}

TEST(CommandLine, nul_spoils_the_line) { gives(std::string_view("NO\0OP\r\nQUIT\r\n", 13), {"<malformed>", "QUIT"}); }

TEST(CommandLine, a_line_of_the_limit_passes_and_one_more_octet_does_not) {
    gives(std::string(20, 'a') + "\r\n" + std::string(21, 'b') + "\r\nQUIT\r\n",
          {std::string(20, 'a'), "<too long>", "QUIT"});
}

TEST(CommandLine, a_long_line_is_swallowed_in_bounded_memory) {
    gives(std::string(5000, 'a') + "\rb" + std::string(500, 'c') + "\r\nQUIT\r\n", {"<too long>", "QUIT"});
}

TEST(CommandLine, a_line_without_end_after_a_bare_line_feed_takes_no_memory) {
    gives("a\n" + std::string(5000, 'b'), {"<malformed>"});
}

} // namespace line_test
