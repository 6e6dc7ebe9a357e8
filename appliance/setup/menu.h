// Where somebody is in the menu: screens one above the other, moved through by up, down, enter and back, and characters
// where something is to be typed. One thread. Knows nothing of faces but that they may be told to wait.
#pragma once

#include "setup/screen.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::setup {

class Menu {
public:
    using Make = std::function<Screen()>;

    Menu() = default;
    ~Menu();
    Menu(Menu const&) = delete;
    Menu& operator=(Menu const&) = delete;

    // What screens do. The one that shows is made anew whenever it is come back to.
    void open(Make make);
    void open(Screen screen);
    void close(); // the screen that shows; after the last one the menu is over
    // Down to the one that was opened first, so that `depth` are left.
    void close_to(std::size_t depth);
    void advance(); // closes the screen, and goes on to what comes after that item
    void end();     // it is over
    void refresh(); // has the screen that shows say how things are now
    [[nodiscard]] std::size_t depth() const { return levels_.size(); }
    // Before something that takes its time.
    void wait() const {
        if (on_wait) on_wait();
    }

    // What faces do. There is a screen as long as it is not over.
    [[nodiscard]] bool over() const { return levels_.empty(); }
    [[nodiscard]] Screen const& screen() const { return levels_.back().screen; }
    [[nodiscard]] std::size_t cursor() const { return levels_.back().cursor; }
    [[nodiscard]] std::string const& typed() const { return levels_.back().typed; }
    // What was wrong with what was typed last.
    [[nodiscard]] std::string const& complaint() const { return levels_.back().complaint; }
    void up();
    void down();
    void enter();
    void back();
    void choose(std::size_t item); // as down to it and enter
    void type(std::string_view character);
    void look();      // at what goes on, as the screen watches it
    void erase();     // the last character
    void erase_all(); // all of them

    std::function<void()> on_wait;

private:
    struct Level {
        Make make;
        Screen screen;
        std::size_t cursor = 0;
        std::string typed = {};
        std::string complaint = {};
    };
    void forget_top();

    std::vector<Level> levels_;
};

} // namespace postern::setup
