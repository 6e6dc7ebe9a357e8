// What a client switched on for the rest of its session, mostly by ENABLE (RFC 5161): extensions that change what the
// server says unasked. Pure.
//
// A new one: an enumerator, a row in the table of enabled.cpp, and Session::has(Extension::...) where it matters.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace postern::imap {

// A bit each.
enum class Extension : std::uint8_t {
    condstore = 1, // RFC 7162 §3.1
    qresync = 2,   // §3.2; with it, the one before
};

// The extension that ENABLE calls by this name, in capitals.
[[nodiscard]] std::optional<Extension> find_extension(std::string_view name);

// A set of extensions. Nothing is ever switched off again.
class Enabled {
public:
    [[nodiscard]] bool has(Extension extension) const { return (bits_ & static_cast<std::uint8_t>(extension)) != 0; }
    // False if it was on already.
    bool add(Extension extension) {
        bool const was_off = !has(extension);
        bits_ |= static_cast<std::uint8_t>(extension);
        return was_off;
    }

private:
    std::uint8_t bits_ = 0;
};

} // namespace postern::imap
