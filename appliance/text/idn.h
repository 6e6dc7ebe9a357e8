// Domain names between what people write and what DNS carries (IDNA 2008, RFC 5890 to 5893, by way of UTS #46,
// non-transitional). Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::text {

// The name in A-labels and lower case. ASCII labels of letters, digits, "-" and "_" are taken as they are. Nothing for
// an empty label, one over 63 octets, a name over 253, or what IDNA does not allow. A final dot is dropped.
std::optional<std::string> domain_to_ascii(std::string_view domain);

// The name for people to read. A label that does not stand for anything valid stays as it is.
std::string domain_to_unicode(std::string_view domain);

} // namespace postern::text
