// SASLprep (RFC 4013): how user names and passwords are prepared before they are hashed or compared. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::text {

// Nothing if the string is not UTF-8, holds a prohibited character or mixes directions (RFC 3454 §6). Prepared as a
// query (RFC 3454 §7): code points that Unicode 3.2 did not assign are allowed, both when a password is set and when it
// is used.
std::optional<std::string> saslprep(std::string_view utf8);

} // namespace postern::text
