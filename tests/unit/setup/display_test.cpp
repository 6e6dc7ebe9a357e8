#include "setup/character_wheel.h"
#include "setup/display.h"
#include "setup/lcd_connection.h"

#include <CppUTest/TestHarness.h>

using namespace postern::setup;

TEST_GROUP(SetupDisplay) {
    Menu menu;
    CharacterWheel wheel{false};

    void open_list() {
        menu.open(Screen{
            .title = "Menü",
            .text = {"Wählen Sie."},
            .items = {{"one", {}, {}}, {"two", "a value that is long", {}}, {"three", {}, {}}, {"four", {}, {}}}});
    }
    void open_entry(bool secret) {
        menu.open(
            Screen{.title = "Name", .entry = Entry{.value = {}, .secret = secret, .taken = [](std::string const&) {
                                                       return std::string("not that");
                                                   }}});
    }
};

TEST(SetupDisplay, of_two_lines_has_a_heading_and_an_item) {
    open_list();
    CHECK((display_menu(menu, wheel, {16, 2}) == DisplayLines{"Menue: Waehlen Sie.", ">one"}));
    menu.down();
    CHECK(display_menu(menu, wheel, {16, 2})[1] == ">two: a value that is long");
}

TEST(SetupDisplay, of_four_lines_keeps_the_chosen_item_in_sight_and_scrolls_no_other) {
    open_list();
    CHECK((display_menu(menu, wheel, {20, 4}) ==
           DisplayLines{"Menue: Waehlen Sie.", ">one", " two: a value that i", " three"}));
    for (int n = 0; n < 3; ++n) menu.down();
    CHECK((display_menu(menu, wheel, {20, 4}) ==
           DisplayLines{"Menue: Waehlen Sie.", " two: a value that i", " three", ">four"}));
}

TEST(SetupDisplay, shows_of_a_password_the_character_that_is_chosen_and_no_more) {
    open_entry(true);
    for (auto const* c : {"s", "e"}) menu.type(c);
    CHECK((display_menu(menu, wheel, {16, 2}) == DisplayLines{"Name", "**[a]"}));
}

TEST(SetupDisplay, shows_the_end_of_what_is_typed_and_what_was_wrong_with_it) {
    open_entry(false);
    for (char const c : std::string("abcdefghijklmnopqrst")) menu.type(std::string_view(&c, 1));
    CHECK(display_menu(menu, wheel, {16, 2})[1] == "hijklmnopqrst[a]");
    menu.enter();
    CHECK(display_menu(menu, wheel, {16, 2})[0] == "not that");
}

TEST(SetupDisplay, of_what_is_to_be_read_scrolls_the_text) {
    menu.open(Screen{.title = "Done", .text = {"A sentence.", "Another."}});
    CHECK((display_menu(menu, wheel, {16, 2}) == DisplayLines{"Done", "A sentence. Another."}));
}

TEST(SetupDisplay, at_rest_shows_everything_in_turn) {
    std::vector<std::string> const lines{"one", "two", "three"};
    CHECK((display_at_rest(lines, 0, {16, 2}) == DisplayLines{"one", "two"}));
    CHECK((display_at_rest(lines, 1, {16, 2}) == DisplayLines{"three", ""}));
    CHECK((display_at_rest(lines, 2, {16, 2}) == DisplayLines{"one", "two"}));
    CHECK((display_at_rest({}, 0, {16, 2}) == DisplayLines{"", ""}));
}

TEST(SetupDisplay, what_is_too_long_stands_a_while_and_goes_round) {
    CHECK(scrolled("short", 7, 8) == "short");
    for (std::size_t tick : {0, 1, 5}) CHECK(scrolled("0123456789", tick, 8) == "01234567");
    CHECK(scrolled("0123456789", 7, 8) == "23456789");
    CHECK(scrolled("0123456789", 10, 8) == "56789   ");
    CHECK(scrolled("0123456789", 18, 8) == "01234567");
    CHECK(ticks_to_read({"0123456789", ""}, 8) == 12);
    CHECK(ticks_to_read({"01234567"}, 8) == 0);
}

TEST(SetupDisplay, a_wheel_goes_round) {
    CHECK(wheel.face() == "a");
    wheel.up();
    CHECK(wheel.at_done() && wheel.face() == "OK");
    wheel.up();
    CHECK(wheel.face() == ")");
    wheel.down();
    CHECK(wheel.at_done());
    CHECK(CharacterWheel(true).at_done());
}

TEST_GROUP(LcdProtocol){};

TEST(LcdProtocol, tells_how_large_the_display_is) {
    auto const size = read_display_size("connect LCDproc 0.5.9 protocol 0.3 lcd wid 20 hgt 4 cellwid 5 cellhgt 8");
    CHECK(size && size->width == 20 && size->height == 4);
    CHECK_FALSE(read_display_size("connect LCDproc 0.5.9 protocol 0.3 lcd wid 20 hgt 1"));
    CHECK_FALSE(read_display_size("connect wid"));
    CHECK_FALSE(read_display_size("HTTP/1.1 400 Bad Request"));
    CHECK_FALSE(read_display_size(""));
}

TEST(LcdProtocol, quotes_what_would_end_a_string) { CHECK(lcd_quoted("a\"b\\c\nd") == "\"a\\\"b\\\\c d\""); }
