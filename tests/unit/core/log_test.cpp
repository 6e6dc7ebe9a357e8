#include "core/log.h"

#include <CppUTest/TestHarness.h>

#include <array>

using namespace postern::core;

TEST_GROUP(Log){};

TEST(Log, a_line_is_the_event_and_its_details) {
    std::array const details{Detail("login", "alice"), Detail("port", 993)};
    STRCMP_EQUAL("login_accepted login=alice port=993", log_line(Event::login_accepted, details).c_str());
}

TEST(Log, input_cannot_forge_a_line) {
    std::array const details{Detail("login", "a\r\n<3>login_accepted login=\"bob\" \\"), Detail("empty", "")};
    STRCMP_EQUAL(R"(login_refused login="a\x0d\x0a<3>login_accepted login=\"bob\" \\" empty="")",
                 log_line(Event::login_refused, details).c_str());
}

TEST(Log, a_value_without_end_is_cut) {
    std::array const details{Detail("helo", std::string(100000, 'x'))};
    CHECK(log_line(Event::message_refused, details).size() < 600);
}

TEST(Log, every_event_says_what_to_do) {
    for (EventRow const& row : event_table()) CHECK_TEXT(row.advice.ends_with('.'), std::string(row.name).c_str());
}
