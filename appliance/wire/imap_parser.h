// From a framed command to a typed one (RFC 3501 §9). Pure; time and memory linear in the command.
#pragma once

#include "wire/imap_command.h"
#include "wire/imap_framing.h"
#include "wire/imap_response.h"

#include <expected>
#include <string>

namespace postern::wire::imap {

// The tagged answer to a command that cannot be one: put_tagged(out, tag, condition, text).
struct ParseError {
    std::string tag; // "*" if there is none
    // bad: syntax. no: good syntax, but a mailbox name that cannot be (RFC 3501 §5.1.3).
    Condition condition = Condition::bad;
    std::string text;     // with its response code, if any: "[CANNOT] ..."; printable ASCII
    bool selects = false; // no, to a SELECT or an EXAMINE, which is tried for all that (RFC 9051 §6.3.2)
};

// `utf8`: UTF8=ACCEPT is enabled, mailbox names are UTF-8 as they stand (RFC 6855 §3). A command with `message` set
// must be an APPEND or a REPLACE.
[[nodiscard]] std::expected<Command, ParseError> parse_command(Framed const& framed, bool utf8 = false);

// What follows the octets of `literal` in a command that brings one message or `several`. The error has no tag.
[[nodiscard]] std::expected<AppendPiece, ParseError> parse_append_piece(Framed const& framed,
                                                                        LiteralPart const& literal, bool several);

} // namespace postern::wire::imap
