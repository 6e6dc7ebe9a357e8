// ENVELOPE, BODY and BODYSTRUCTURE as FETCH answers them (RFC 3501 §7.4.2). Whatever was parsed of a broken message
// comes out in the right syntax: strings where strings must be, NIL where it may be. Pure; appends to a buffer.
#pragma once

#include "message/envelope.h"
#include "message/structure.h"

#include <string>

namespace postern::wire::imap {

// ("Mon, 7 Feb 1994 ..." "subject" ((NIL NIL "alice" "office.lan")) ...); groups as RFC 3501 §7.4.2 marks them: a host
// of NIL.
void put_envelope(std::string& out, message::EnvelopeView const& envelope);

// The value of BODY (without) or BODYSTRUCTURE (with `extensible` data).
void put_body_structure(std::string& out, message::PartView const& part, bool extensible);

} // namespace postern::wire::imap
