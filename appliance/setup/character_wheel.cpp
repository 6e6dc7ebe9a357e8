#include "setup/character_wheel.h"

namespace postern::setup {

namespace {

constexpr std::string_view characters =
    "abcdefghijklmnopqrstuvwxyz0123456789.-@/_:+ ABCDEFGHIJKLMNOPQRSTUVWXYZ,;!?&%$#*=()";

} // namespace

void CharacterWheel::up() { at_ = at_ == 0 ? characters.size() + first_letter - 1 : at_ - 1; }

void CharacterWheel::down() { at_ = at_ + 1 == characters.size() + first_letter ? 0 : at_ + 1; }

std::string_view CharacterWheel::character() const { return characters.substr(at_ - first_letter, 1); }

std::string_view CharacterWheel::face() const {
    if (at_done()) return "OK";
    return character() == " " ? "SP" : character();
}

} // namespace postern::setup
