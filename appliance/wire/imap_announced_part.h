// What a server's BODYSTRUCTURE tells of a message's parts (RFC 3501 §7.4.2), as its client needs it that wants to say
// what a message consists of, and to ask for one of them. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace postern::wire::imap {

class Cursor;

// Of one message: multiparts within each other that are looked into, and parts; what is beyond is left out.
inline constexpr unsigned structure_depth_limit = 32;
inline constexpr std::size_t announced_parts_limit = 100;
// Octets of each text that are kept.
inline constexpr std::size_t announced_text_limit = 512;

// A part that is no multipart; of a message within the message nothing more.
struct AnnouncedPart {
    std::string section; // "1.2", as BODY[1.2] has it
    std::string type;    // in lower case: "application"
    std::string subtype; // "pdf"
    std::string charset;
    std::string name;     // as it stands: of the disposition's parameters, or of the type's
    std::string encoding; // in lower case: "base64"
    std::uint64_t octets = 0;
    bool attachment = false; // by its disposition
    bool operator==(AnnouncedPart const&) const = default;
};

// `in` stands at the "(" and is passed over it in any case, if it is a value at all; what makes no sense has no parts.
[[nodiscard]] std::vector<AnnouncedPart> take_body_structure(Cursor& in);

// A value that means nothing to us: an atom, a string, or a list of those.
void skip_value(Cursor& in);

} // namespace postern::wire::imap
