// For tests of IMAP's grammar: a command as a client sends it, without the last CRLF, and what it is read as.
#pragma once

#include "wire/imap_parser.h"

#include <CppUTest/TestHarness.h>

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace postern::wire::imap {

// The start of a command, for a failure's text.
inline std::string start(std::string_view text) { return std::string(text.substr(0, 200)); }

inline Framed framed(std::string_view text) {
    CommandFramer framer;
    std::string const stream = std::string(text) + "\r\n";
    std::string_view rest = stream;
    while (true) {
        std::size_t consumed = 0;
        FrameEvent event = framer.feed(rest, consumed);
        rest.remove_prefix(consumed);
        if (auto* ready = std::get_if<CommandReady>(&event)) return std::move(ready->command);
        if (auto* announced = std::get_if<MessageAnnounced>(&event)) return std::move(announced->command);
        if (!std::holds_alternative<ContinuationNeeded>(event)) FAIL((start(text) + " is no frame").c_str());
    }
}

template <typename Expected> Expected parsed(std::string_view text, bool utf8 = false) {
    auto command = parse_command(framed(text), utf8);
    if (!command) FAIL((start(text) + " was refused: " + command.error().text).c_str());
    auto* body = std::get_if<Expected>(&command->body);
    if (body == nullptr) FAIL((start(text) + " is another command").c_str());
    return std::move(*body);
}

// `expected`: the tagged answer without its CRLF.
inline void refused(std::string_view text, std::string_view expected, bool utf8 = false) {
    auto const command = parse_command(framed(text), utf8);
    if (command) FAIL((start(text) + " was taken").c_str());
    std::string answer;
    put_tagged(answer, command.error().tag, command.error().condition, command.error().text);
    STRCMP_EQUAL_TEXT((std::string(expected) + "\r\n").c_str(), answer.c_str(), start(text).c_str());
}

} // namespace postern::wire::imap
