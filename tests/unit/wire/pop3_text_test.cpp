#include "wire/pop3_text.h"

#include <CppUTest/TestHarness.h>

#include <optional>
#include <string>

namespace pop3_text_test {

using postern::wire::pop3::TextEncoder;

namespace {

std::string encode(std::string_view message, std::optional<std::uint32_t> lines, std::size_t step) {
    TextEncoder encoder(lines);
    std::string out;
    for (; !message.empty(); message.remove_prefix(std::min(step, message.size())))
        encoder.feed(message.substr(0, step), out);
    encoder.finish(out);
    return out;
}

void gives(std::string_view message, std::string_view expected, std::optional<std::uint32_t> lines = std::nullopt) {
    for (std::size_t step : {1UZ, 2UZ, 3UZ, 5UZ, 1000UZ})
        STRCMP_EQUAL(std::string(expected).c_str(), encode(message, lines, step).c_str());
}

} // namespace

TEST_GROUP(Pop3Text){};

TEST(Pop3Text, ends_with_a_dot_on_a_line_of_its_own) {
    gives("a: b\r\n\r\nc\r\n", "a: b\r\n\r\nc\r\n.\r\n");
    gives("", ".\r\n");
}

TEST(Pop3Text, a_last_line_without_end_gets_one) {
    gives("a: b", "a: b\r\n.\r\n");
    gives("a: b\r", "a: b\r\n.\r\n");
}

TEST(Pop3Text, a_dot_that_begins_a_line_is_doubled) {
    gives(".\r\n..\r\nx.y\r\n.z", "..\r\n...\r\nx.y\r\n..z\r\n.\r\n");
}

TEST(Pop3Text, a_bare_line_feed_becomes_a_line_end) {
    gives("a\n\n.\n.\r\n\r\n", "a\r\n\r\n..\r\n..\r\n\r\n.\r\n");
    gives("a\rb\n", "a\rb\r\n.\r\n");
}

// RFC 1939 §7
TEST(Pop3Text, top_is_the_header_and_so_many_lines) {
    constexpr std::string_view message = "a: b\r\n c\r\n\r\n.1\r\n\r\n3";
    gives(message, "a: b\r\n c\r\n\r\n.\r\n", 0);
    gives(message, "a: b\r\n c\r\n\r\n..1\r\n.\r\n", 1);
    gives(message, "a: b\r\n c\r\n\r\n..1\r\n\r\n.\r\n", 2);
    for (std::uint32_t lines : {3U, 4U, 4'000'000'000U})
        gives(message, "a: b\r\n c\r\n\r\n..1\r\n\r\n3\r\n.\r\n", lines);
    gives("a: b\n\nx\ny\n", "a: b\r\n\r\nx\r\n.\r\n", 1);
    gives("\r\nx\r\n", "\r\n.\r\n", 0);
    gives("a: b\r\n", "a: b\r\n.\r\n", 5);
}

TEST(Pop3Text, says_when_it_needs_no_more) {
    TextEncoder encoder(1);
    std::string out;
    encoder.feed("a: b\r\n\r\nx", out);
    CHECK_FALSE(encoder.done());
    encoder.feed("\r\ny", out);
    CHECK(encoder.done());
    encoder.feed("z\r\n", out);
    STRCMP_EQUAL("a: b\r\n\r\nx\r\n", out.c_str());
}

} // namespace pop3_text_test
