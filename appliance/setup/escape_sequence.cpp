#include "setup/escape_sequence.h"

#include <utility>

namespace postern::setup {

namespace {

constexpr char32_t escape = 0x1b, bell = 0x07, rubout = 0x7f, last_parameter = 0x3f;

} // namespace

EscapeSequence::Typed EscapeSequence::take(char32_t character) {
    switch (state_) {
    case State::outside: return character == escape ? go(State::escape) : Typed{.character = true};
    case State::escape: return take_after_escape(character);
    case State::string_end: return character == U'\\' ? go(State::outside) : take_after_escape(character);
    case State::control:
    case State::shifted:
    case State::string: return take_inside(character);
    }
    std::unreachable();
}

bool EscapeSequence::pause() {
    bool const typed = state_ == State::escape || state_ == State::string_end;
    if (typed) state_ = State::outside;
    return typed;
}

EscapeSequence::Typed EscapeSequence::go(State state) {
    state_ = state;
    return {};
}

EscapeSequence::Typed EscapeSequence::take_after_escape(char32_t character) {
    length_ = 0;
    switch (character) {
    case escape: state_ = State::escape; return {.escape = true};
    case U'[': return go(State::control); // CSI
    case U'N':
    case U'O': return go(State::shifted); // SS2, SS3
    case U'P':
    case U'X':
    case U']':
    case U'^':
    case U'_': return go(State::string); // DCS, SOS, OSC, PM, APC
    default: state_ = State::outside; return {.escape = true, .character = true};
    }
}

EscapeSequence::Typed EscapeSequence::take_inside(char32_t character) {
    bool const is_string = state_ == State::string;
    if (character == escape) return go(is_string ? State::string_end : State::escape);
    if (is_string && character == bell) return go(State::outside); // as xterm ends them
    // One that lost its end is not to take along what somebody means.
    if (character < U' ' || character == rubout || ++length_ > longest) {
        state_ = State::outside;
        return {.character = true};
    }
    bool const goes_on = is_string || (state_ == State::control && character <= last_parameter);
    return go(goes_on ? state_ : State::outside);
}

} // namespace postern::setup
