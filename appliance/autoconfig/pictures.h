// What a step's screen looks like, drawn: as SVG within a page, in its colours. They show what the step's words say,
// and are silent for who has them read aloud. Pure.
#pragma once

#include <string>
#include <string_view>

namespace postern::autoconfig {

// A phone's settings: a row with that label, which is to be touched.
[[nodiscard]] std::string picture_of_row(std::string_view label);
// The same: a switch with that label, which is on.
[[nodiscard]] std::string picture_of_switch(std::string_view label);
// A window of a computer: several choices, of which that one is taken.
[[nodiscard]] std::string picture_of_choice(std::string_view label);
// The same: a box with that label, which is ticked.
[[nodiscard]] std::string picture_of_tick(std::string_view label);

} // namespace postern::autoconfig
