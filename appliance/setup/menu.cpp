#include "setup/menu.h"

#include "core/secret.h"

#include <algorithm>
#include <utility>

namespace postern::setup {

Menu::~Menu() { end(); }

void Menu::open(Make make) {
    Screen screen = make();
    std::size_t const cursor = screen.begin;
    std::string typed = screen.entry ? screen.entry->value : std::string();
    levels_.push_back({std::move(make), std::move(screen), cursor, std::move(typed), {}});
}

void Menu::open(Screen screen) {
    open([screen = std::move(screen)] { return screen; });
}

// It may have been a password.
void Menu::forget_top() {
    core::wipe(levels_.back().typed);
    levels_.pop_back();
}

void Menu::close() { close_to(levels_.empty() ? 0 : levels_.size() - 1); }

void Menu::close_to(std::size_t depth) {
    while (levels_.size() > depth) forget_top();
    refresh();
}

void Menu::advance() {
    close();
    if (!over()) down();
}

void Menu::end() {
    while (!levels_.empty()) forget_top();
}

void Menu::refresh() {
    if (over()) return;
    Level& level = levels_.back();
    Screen screen = level.make(); // which may look at this menu
    level.screen = std::move(screen);
    if (!level.screen.items.empty()) level.cursor = std::min(level.cursor, level.screen.items.size() - 1);
}

void Menu::up() {
    if (!over() && levels_.back().cursor > 0) --levels_.back().cursor;
}

void Menu::down() {
    if (!over() && levels_.back().cursor + 1 < levels_.back().screen.items.size()) ++levels_.back().cursor;
}

void Menu::enter() {
    if (over()) return;
    Level& level = levels_.back();
    if (level.screen.entry) {
        auto const taken = level.screen.entry->taken; // what it does may end this screen
        auto const depth = levels_.size();
        std::string complaint = taken(level.typed);
        if (complaint.empty() || levels_.size() != depth) return;
        if (levels_.back().screen.entry->secret) erase_all();
        levels_.back().complaint = std::move(complaint);
    } else if (level.screen.items.empty()) {
        close();
    } else if (auto const chosen = level.screen.items[level.cursor].chosen) {
        chosen();
    }
}

void Menu::back() { close(); }

void Menu::choose(std::size_t item) {
    if (over() || item >= levels_.back().screen.items.size()) return;
    levels_.back().cursor = item;
    enter();
}

void Menu::look() {
    if (over()) return;
    if (auto const watch = screen().watch) watch(); // which may end this screen
}

void Menu::type(std::string_view character) {
    if (over() || !levels_.back().screen.entry) return;
    constexpr std::size_t longest = 1000;
    if (levels_.back().typed.size() < longest) levels_.back().typed += character;
    levels_.back().complaint.clear();
}

void Menu::erase() {
    if (over()) return;
    std::string& typed = levels_.back().typed;
    while (!typed.empty() && (static_cast<unsigned char>(typed.back()) & 0xc0U) == 0x80U) typed.pop_back();
    if (!typed.empty()) typed.pop_back();
}

void Menu::erase_all() {
    if (over()) return;
    core::wipe(levels_.back().typed);
    levels_.back().typed.clear();
}

} // namespace postern::setup
