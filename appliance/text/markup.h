// Text as XML and HTML have it.
#pragma once

#include <string>
#include <string_view>

namespace postern::text {

// What would be markup is written as references, in content and in attributes. Control characters, which XML has none
// of, become spaces.
[[nodiscard]] std::string escape_markup(std::string_view text);

// The content of the first element of that name, without regard to its attributes and its prefix, if it has text alone;
// references are what they stand for. Empty: there is none. Reads what a client wrote who wants one value of it, and
// nothing that its document refers to.
[[nodiscard]] std::string element_text(std::string_view xml, std::string_view element);

} // namespace postern::text
