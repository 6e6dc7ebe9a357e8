// What a client switched on for the rest of its session, mostly by ENABLE (RFC 5161): extensions that change what the
// server says unasked. Pure.
//
// A new one: an enumerator, a row in the table of enabled.cpp, and Session::has(Extension::...) where it matters.
//
// What IMAP4rev2 changes (RFC 9051 appendix E): nothing is \Recent, SEARCH is answered by ESEARCH, SELECT by a LIST
// response too and without the first unseen message, FETCH responses that nobody asked for tell the UID, and mailbox
// names are UTF-8 both ways, as they are with UTF8=ACCEPT.
#pragma once

#include <cstdint>
#include <string_view>

namespace postern::imap {

// A bit each.
enum class Extension : std::uint8_t {
    condstore = 1, // RFC 7162 §3.1
    qresync = 2,   // §3.2; with it, the one before
    imap4rev2 = 4,
    utf8_accept = 8, // RFC 6855
    uidonly = 16,    // RFC 9586: no sequence numbers, neither way
    metadata = 32,   // RFC 5464 §4.4: it is told what others change
};

struct ExtensionRow {
    std::string_view name; // of its capability, as registered
    Extension extension;
};
// What ENABLE calls by this name, of any case; null if nothing.
[[nodiscard]] ExtensionRow const* find_extension(std::string_view name);
[[nodiscard]] std::string_view name_of(Extension extension);

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
