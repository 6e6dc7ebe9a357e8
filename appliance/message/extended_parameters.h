// MIME parameters in pieces and in other charsets ("filename*0*", RFC 2231 §3, §4), made what RFC 9051 §7.5.2 asks a
// server to tell of them, so that nobody else needs to know of pieces. Pure; any thread.
#pragma once

#include "message/content_field.h"

#include <string>
#include <vector>

namespace postern::message {

// Pieces become one parameter, where the first of them stood. Of a value with a charset:
// - "title*=us-ascii'en'A%20B" becomes title="A B", if it is printable ASCII and there is no "title" beside it;
// - another becomes "title*", in UTF-8 and percent-encoded, which is ASCII still: utf-8'en'%C3%84.
// What is not as RFC 2231 has it, or is longer than anybody's file name, is left as it stands.
std::vector<Parameter> join_extended(std::vector<Parameter> parameters);

// The value of one of those, for people.
std::string as_read(Parameter const& joined);

} // namespace postern::message
