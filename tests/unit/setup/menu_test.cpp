#include "setup/menu.h"

#include <CppUTest/TestHarness.h>

#include <string>

using namespace postern::setup;

TEST_GROUP(SetupMenu) {
    Menu menu;
    int chosen = -1;

    Screen list(std::string title) {
        Screen screen{.title = std::move(title)};
        for (int number : {0, 1, 2})
            screen.items.push_back({std::to_string(number), {}, [this, number] { chosen = number; }});
        return screen;
    }
};

TEST(SetupMenu, moves_within_a_list_and_not_beyond) {
    menu.open(list("a"));
    menu.up();
    CHECK(menu.cursor() == 0);
    for (int n = 0; n < 5; ++n) menu.down();
    CHECK(menu.cursor() == 2);
    menu.enter();
    CHECK(chosen == 2);
    menu.choose(1);
    CHECK(chosen == 1 && menu.cursor() == 1);
    menu.choose(3);
    CHECK(chosen == 1);
}

TEST(SetupMenu, comes_back_to_where_it_was_and_sees_what_is_new) {
    int made = 0;
    menu.open([this, &made] {
        ++made;
        return list(std::to_string(made));
    });
    menu.down();
    menu.open(list("above"));
    CHECK(menu.depth() == 2 && menu.cursor() == 0);
    menu.back();
    CHECK(menu.screen().title == "2");
    CHECK(menu.cursor() == 1);
    menu.back();
    CHECK(menu.over());
    menu.back();
    menu.enter();
    menu.up();
}

TEST(SetupMenu, a_list_that_became_shorter_has_its_cursor_within) {
    bool few = false;
    menu.open([this, &few] { return few ? Screen{.title = "few", .items = {{"only", {}, {}}}} : list("many"); });
    menu.down();
    menu.down();
    few = true;
    menu.refresh();
    CHECK(menu.cursor() == 0);
}

TEST(SetupMenu, what_is_typed_is_characters_not_octets) {
    menu.open(Screen{.title = "t", .entry = Entry{.value = "aü", .secret = false, .taken = [](std::string const&) {
                                                      return std::string("no");
                                                  }}});
    menu.type("ж");
    CHECK(menu.typed() == "aüж");
    menu.erase();
    menu.erase();
    CHECK(menu.typed() == "a");
    menu.enter();
    CHECK(menu.complaint() == "no");
    CHECK(menu.typed() == "a");
    menu.type("b");
    CHECK(menu.complaint().empty());
}

TEST(SetupMenu, a_secret_that_is_refused_is_typed_anew) {
    menu.open(Screen{.title = "t", .entry = Entry{.value = {}, .secret = true, .taken = [](std::string const&) {
                                                      return std::string("wrong");
                                                  }}});
    menu.type("x");
    menu.enter();
    CHECK(menu.typed().empty());
}

TEST(SetupMenu, text_alone_is_left_by_enter) {
    menu.open(list("below"));
    menu.open(Screen{.title = "read", .text = {"this"}});
    menu.enter();
    CHECK(menu.screen().title == "below");
}
