// What a character display of a few lines shows of the menu. Pure; in ASCII, which every display has.
#pragma once

#include "setup/character_wheel.h"
#include "setup/menu.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace postern::setup {

struct DisplaySize {
    std::size_t width = 16, height = 2;
};

// One that is longer than the display scrolls.
using DisplayLines = std::vector<std::string>;

// `wheel`: where something is typed. Nothing of a secret is shown but the character that is being chosen.
[[nodiscard]] DisplayLines display_menu(Menu const& menu, CharacterWheel const& wheel, DisplaySize size);

// Of `lines` those that there is room for; `turn` counts up, so that all have theirs.
[[nodiscard]] DisplayLines display_at_rest(std::vector<std::string> const& lines, std::size_t turn, DisplaySize size);

// A line as it is shown `tick` steps after it was there first: its beginning stands for a while, then it goes round.
[[nodiscard]] std::string scrolled(std::string_view line, std::size_t tick, std::size_t width);
// How many steps it takes until all of them were seen.
[[nodiscard]] std::size_t ticks_to_read(DisplayLines const& lines, std::size_t width);

} // namespace postern::setup
