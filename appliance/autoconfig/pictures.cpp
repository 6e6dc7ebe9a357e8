#include "autoconfig/pictures.h"

#include "text/markup.h"

#include <algorithm>
#include <format>

namespace postern::autoconfig {

namespace {

// The page's style says what colours "paper", "line", "mark", "on-mark" and "ink" are.
constexpr int width = 320, height = 116;

std::string picture(std::string const& content) {
    return std::format("<svg class=\"picture\" aria-hidden=\"true\" focusable=\"false\" viewBox=\"0 0 {0} {1}\" "
                       "width=\"{0}\" height=\"{1}\">{2}</svg>",
                       width, height, content);
}

std::string box(std::string_view kind, int x, int y, int w, int h, int round) {
    return std::format("<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"/>", kind, x, y, w, h,
                       round);
}

// One that may be too long for its place, as far as is known without its font, is drawn narrower.
std::string words(std::string_view kind, int x, int y, std::string_view label, int room) {
    constexpr int usual_width = 7;
    auto const characters = std::ranges::count_if(label, [](char c) { return (c & 0xc0) != 0x80; });
    auto const squeeze = characters * usual_width > room
                             ? std::format(" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\"", room)
                             : "";
    return std::format("<text class=\"{}\" x=\"{}\" y=\"{}\"{}>{}</text>", kind, x, y, squeeze,
                       text::escape_markup(label));
}

// A line of words that say nothing here.
std::string line(int x, int y, int w) { return box("line", x, y, w, 6, 3); }

// The upper end of a phone, with three rows.
std::string phone(std::string const& middle) {
    return picture(box("paper", 40, 2, 240, 140, 18) + box("line", 135, 10, 50, 4, 2) + line(60, 28, 90) + middle +
                   line(60, 96, 120));
}

std::string window(std::string const& content) {
    return picture(box("paper", 2, 2, 316, 112, 6) + box("line", 2, 22, 316, 1, 0) + line(14, 10, 70) +
                   "<path class=\"stroke\" d=\"M300 8l8 8m0-8l-8 8\"/>" + content);
}

} // namespace

std::string picture_of_row(std::string_view label) {
    return phone(box("mark", 48, 46, 224, 34, 8) + words("on-mark", 60, 68, label, 185) +
                 "<path class=\"stroke on\" d=\"M256 57l6 6l-6 6\"/>");
}

std::string picture_of_switch(std::string_view label) {
    return phone(words("ink", 60, 68, label, 160) + box("mark", 228, 51, 44, 24, 12) +
                 "<circle class=\"knob\" cx=\"260\" cy=\"63\" r=\"9\"/>");
}

std::string picture_of_choice(std::string_view label) {
    auto const button = [](int y) { return std::format("<circle class=\"stroke\" cx=\"24\" cy=\"{}\" r=\"6\"/>", y); };
    return window(button(40) + line(40, 37, 150) + button(66) +
                  "<circle class=\"mark\" cx=\"24\" cy=\"66\" r=\"3.5\"/>" + words("ink", 40, 70, label, 270) +
                  button(92) + line(40, 89, 110));
}

std::string picture_of_tick(std::string_view label) {
    return window(line(14, 37, 220) + box("mark", 14, 56, 18, 18, 3) +
                  "<path class=\"stroke on\" d=\"M18 65l4 4l7-8\"/>" + words("ink", 42, 70, label, 268) +
                  box("mark", 232, 86, 74, 20, 4) + box("on-mark", 252, 93, 34, 6, 3));
}

} // namespace postern::autoconfig
