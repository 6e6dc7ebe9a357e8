// What a terminal says beside what is typed: its answers to questions, and keys that nobody knows here. Such a sequence
// (ECMA-48 §5.3 to §5.6, §8.3.141, §8.3.143) begins with Escape, which is a key as well; it is passed over as a whole,
// also where it comes in pieces. Pure.
#pragma once

#include <cstddef>
#include <cstdint>

namespace postern::setup {

class EscapeSequence {
public:
    struct Typed {
        bool escape = false;    // before this character
        bool character = false; // it itself
    };
    [[nodiscard]] Typed take(char32_t character);
    // Nothing followed for a while. Whether Escape was typed then.
    [[nodiscard]] bool pause();

private:
    enum class State : std::uint8_t { outside, escape, control, shifted, string, string_end };

    Typed go(State state);
    Typed take_after_escape(char32_t character);
    Typed take_inside(char32_t character);

    static constexpr std::size_t longest = 1024; // characters; one that goes on beyond is none
    State state_ = State::outside;
    std::size_t length_ = 0;
};

} // namespace postern::setup
