// How text is typed with four keys: up and down turn to a character, enter takes it, back
// takes the last one away again. On the wheel is also "done". Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace postern::setup {

class CharacterWheel {
public:
    // Where there is something already it begins at "done", else at the first letter.
    explicit CharacterWheel(bool at_done) : at_(at_done ? done_place : first_letter) {}

    void up();
    void down();
    [[nodiscard]] bool at_done() const { return at_ == done_place; }
    [[nodiscard]] std::string_view character() const; // else

    // What a display shows of it: "a", "OK".
    [[nodiscard]] std::string_view face() const;

private:
    static constexpr std::size_t done_place = 0, first_letter = 1;
    std::size_t at_;
};

} // namespace postern::setup
