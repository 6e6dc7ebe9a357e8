#include "wire/pop3_command.h"

#include <CppUTest/TestHarness.h>

#include <format>
#include <limits>
#include <string>

namespace pop3_command_test {

using namespace postern::wire::pop3;

namespace {

template <typename Verb> Verb parsed(std::string_view line) {
    auto command = parse_command(line);
    CHECK_TEXT(command.has_value(), std::string(line).c_str());
    CHECK_TEXT(std::holds_alternative<Verb>(*command), std::string(line).c_str());
    return std::move(std::get<Verb>(*command));
}

bool is_refused(std::string_view line) { return !parse_command(line).has_value(); }

} // namespace

TEST_GROUP(Pop3Command){};

TEST(Pop3Command, keywords_are_of_any_case_and_arguments_are_separated_by_spaces) {
    for (auto const line : {"NOOP", "noop", "NoOp", "NOOP  "}) (void)parsed<Noop>(line);
    LONGS_EQUAL(17, parsed<Retr>("retr  17 ").message);
    auto const top = parsed<Top>("TOP 1 10");
    LONGS_EQUAL(1, top.message);
    LONGS_EQUAL(10, top.lines);
}

TEST(Pop3Command, numbers_are_digits_and_the_largest_are_all_alike) {
    LONGS_EQUAL(0, parsed<Dele>("DELE 0").message);
    LONGS_EQUAL(7, parsed<Dele>("DELE 0000000000007").message);
    UNSIGNED_LONGS_EQUAL(std::numeric_limits<std::uint32_t>::max(), parsed<Dele>("DELE 4294967296").message);
    UNSIGNED_LONGS_EQUAL(std::numeric_limits<std::uint32_t>::max(), parsed<Top>("TOP 1 99999999999999999999999").lines);
    for (auto const line : {"DELE", "DELE ", "DELE x", "DELE 1x", "DELE +1", "DELE -1", "DELE 1 2", "DELE\t1", "TOP 1",
                            "TOP", "TOP 1 2 3", "RETR"})
        CHECK_TEXT(is_refused(line), line);
}

TEST(Pop3Command, list_and_uidl_go_with_and_without_a_number) {
    CHECK_FALSE(parsed<List>("LIST").message.has_value());
    CHECK_FALSE(parsed<Uidl>("UIDL ").message.has_value());
    LONGS_EQUAL(2, parsed<List>("LIST 2").message.value());
    LONGS_EQUAL(3, parsed<Uidl>("UIDL 3").message.value());
    CHECK(is_refused("LIST all"));
}

TEST(Pop3Command, what_takes_no_argument_is_refused_with_one) {
    for (std::string const verb : {"STAT", "NOOP", "RSET", "QUIT", "CAPA", "STLS", "UTF8"})
        CHECK(is_refused(verb + " x"));
}

// RFC 1939 §7: spaces belong to the password.
TEST(Pop3Command, a_password_is_all_that_follows_one_space) {
    CHECK(parsed<Pass>("PASS  two  words ").password.reveal() == " two  words ");
    CHECK(is_refused("PASS"));
    CHECK(is_refused("PASS "));
}

TEST(Pop3Command, a_login_may_be_utf8) {
    CHECK(parsed<User>("USER jürgen").name == "jürgen");
    CHECK(is_refused("USER j\xFCrgen"));
    CHECK(is_refused("USER "));
}

// RFC 5034 §4
TEST(Pop3Command, auth_brings_a_response_or_none) {
    CHECK(parsed<Auth>("AUTH").mechanism.empty());
    auto const bare = parsed<Auth>("AUTH plain");
    CHECK(bare.mechanism == "PLAIN");
    CHECK_FALSE(bare.initial_response.has_value());
    CHECK(parsed<Auth>("AUTH PLAIN dGVzdAB0ZXN0AHRlc3Q=").initial_response->reveal() ==
          std::string_view("test\0test\0test", 14));
    CHECK(parsed<Auth>("AUTH EXTERNAL =").initial_response->empty());
    CHECK(is_refused("AUTH PLAIN ?"));
    CHECK(is_refused("AUTH PLAIN dGVzdA== x"));
}

TEST(Pop3Command, what_is_not_there_is_refused) {
    for (auto const line : {"", " ", "RETRO 1", "APOP a b", "LAST", "XTND", " NOOP"})
        CHECK_TEXT(is_refused(line), line);
}

} // namespace pop3_command_test
