#include "setup/escape_sequence.h"

#include <CppUTest/TestHarness.h>

#include <string>
#include <string_view>

using namespace postern::setup;

namespace {

// What is left of it: "E" for Escape, a dot for a pause in it.
std::string left_of(std::string_view octets) {
    EscapeSequence sequence;
    std::string left;
    for (char const c : octets) {
        if (c == '.') {
            if (sequence.pause()) left += "E";
            continue;
        }
        auto const typed = sequence.take(static_cast<unsigned char>(c));
        if (typed.escape) left += "E";
        if (typed.character) left += c;
    }
    return left;
}

} // namespace

TEST_GROUP(SetupEscapeSequence){};

TEST(SetupEscapeSequence, leaves_what_is_typed) {
    CHECK(left_of("a[O]5\r") == "a[O]5\r");
    CHECK(left_of("\x1b.") == "E");
    CHECK(left_of("\x1b.a") == "Ea");
    CHECK(left_of("\x1b"
                  "a") == "Ea");
    CHECK(left_of("\x1b\x1b.") == "EE");
}

TEST(SetupEscapeSequence, passes_over_what_a_terminal_answers) {
    CHECK(left_of("x\x1b[24;80Ry") == "xy");                  // where the cursor is (CPR)
    CHECK(left_of("x\x1b[?1;2cy") == "xy");                   // what it is (DA)
    CHECK(left_of("x\x1bOPy") == "xy");                       // F1
    CHECK(left_of("x\x1b]11;rgb:0/0/0\x07y") == "xy");        // a colour
    CHECK(left_of("x\x1b]11;rgb:0/0/0\x1b\\y") == "xy");      // the same, otherwise ended
    CHECK(left_of("x\x1bP1$r0m\x1b\\y") == "xy");             // a setting (DECRQSS)
    CHECK(left_of("x\x1b[24;80R\x1b[24;80R\x1bOQy") == "xy"); // several
}

TEST(SetupEscapeSequence, does_so_where_it_comes_in_pieces) {
    CHECK(left_of("x\x1b[.2.4;8.0Ry") == "xy");
    CHECK(left_of("x\x1b].11;rgb.:0/0/0.\x07y") == "xy");
    CHECK(left_of("x\x1bO.Py") == "xy");
}

TEST(SetupEscapeSequence, is_not_without_end) {
    CHECK(left_of("\x1b]0;" + std::string(2000, 'x') + "y").ends_with("xy"));
    CHECK(left_of("\x1b[" + std::string(2000, '0') + "y").ends_with("0y"));
}

TEST(SetupEscapeSequence, that_lost_its_end_takes_no_key_along) {
    CHECK(left_of("\x1b[24\ry") == "\ry");
    CHECK(left_of("\x1b]0;title\ry") == "\ry");
    CHECK(left_of("\x1b]0;title\x1b.y") == "Ey");
    CHECK(left_of("\x1b[24\x1b[80Ry") == "y");
}
