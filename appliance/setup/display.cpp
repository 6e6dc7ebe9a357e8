#include "setup/display.h"

#include "setup/layout.h"

#include <algorithm>
#include <format>

namespace postern::setup {

namespace {

constexpr std::size_t hold = 5; // steps that a beginning stands

std::string typed_line(Menu const& menu, CharacterWheel const& wheel, std::size_t width) {
    std::string const chosen = std::format("[{}]", wheel.face());
    std::string const typed =
        in_ascii(menu.screen().entry->secret ? std::string(columns(menu.typed()), '*') : menu.typed());
    return cut_front(typed, width - std::min(width, chosen.size())) + chosen;
}

std::string item_line(Item const& item, bool chosen) {
    return in_ascii(
        std::format("{}{}{}{}", chosen ? ">" : " ", item.label, item.value.empty() ? "" : ": ", item.value));
}

} // namespace

DisplayLines display_menu(Menu const& menu, CharacterWheel const& wheel, DisplaySize size) {
    Screen const& screen = menu.screen();
    std::string heading = screen.title;
    std::string const& complaint = menu.complaint();
    bool const only_text = screen.items.empty() && !screen.entry;
    std::string text;
    for (auto const& paragraph : screen.text) text += (text.empty() ? "" : " ") + paragraph;
    if (!complaint.empty())
        heading = complaint;
    else if (!only_text && !text.empty())
        heading += ": " + text;
    DisplayLines lines{in_ascii(heading)};
    if (only_text) {
        lines.push_back(in_ascii(text));
    } else if (screen.entry) {
        lines.push_back(typed_line(menu, wheel, size.width));
    } else {
        std::size_t const room = size.height - 1;
        std::size_t const begin = menu.cursor() >= room ? menu.cursor() + 1 - room : 0;
        for (std::size_t at = begin; at < std::min(screen.items.size(), begin + room); ++at) {
            bool const chosen = at == menu.cursor();
            auto line = item_line(screen.items[at], chosen);
            lines.push_back(chosen ? std::move(line) : cut(line, size.width)); // one that scrolls is enough
        }
    }
    lines.resize(size.height);
    return lines;
}

DisplayLines display_at_rest(std::vector<std::string> const& lines, std::size_t turn, DisplaySize size) {
    DisplayLines shown;
    std::size_t const pages = (lines.size() + size.height - 1) / size.height;
    std::size_t const begin = pages == 0 ? 0 : turn % pages * size.height;
    for (std::size_t at = begin; at < std::min(lines.size(), begin + size.height); ++at)
        shown.push_back(in_ascii(lines[at]));
    shown.resize(size.height);
    return shown;
}

std::string scrolled(std::string_view line, std::size_t tick, std::size_t width) {
    if (line.size() <= width) return std::string(line);
    std::string round = std::string(line) + "   ";
    std::size_t const at = tick % (round.size() + hold);
    std::ranges::rotate(round, round.begin() + static_cast<std::ptrdiff_t>(at < hold ? 0 : at - hold));
    return round.substr(0, width);
}

std::size_t ticks_to_read(DisplayLines const& lines, std::size_t width) {
    std::size_t ticks = 0;
    for (auto const& line : lines)
        if (line.size() > width) ticks = std::max(ticks, line.size() - width + 2 * hold);
    return ticks;
}

} // namespace postern::setup
