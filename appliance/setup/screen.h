// What the menu shows, as data: a list of things to choose from, or one thing to type in. How it looks is the business
// of whatever face shows it.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace postern::setup {

inline constexpr std::chrono::seconds watch_interval{1};

struct Item {
    std::string label;
    std::string value = {};            // how it is now, shown beside it
    std::function<void()> chosen = {}; // none: there is nothing to it but to be read
};

struct Entry {
    std::string value = {}; // to begin with
    bool secret = false;    // never shown
    // Takes what was typed; or says why not, and it is typed again.
    std::function<std::string(std::string typed)> taken;
};

// Either items or an entry; with neither, it is read and left.
struct Screen {
    std::string title;
    std::vector<std::string> text = {}; // paragraphs
    std::vector<Item> items = {};
    std::optional<Entry> entry = {};
    std::size_t begin = 0; // the item that is chosen unless another is
    // Looks at what goes on by itself, every second while the screen shows: it may open and close screens.
    std::function<void()> watch = {};
};

} // namespace postern::setup
