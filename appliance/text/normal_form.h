// Unicode's normalization forms (UAX #15): spellings of what looks the same become one. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace postern::text {

// Of valid UTF-8. Form C is Net-Unicode's (RFC 5198 §3); KC makes one of "ﬁ" and "fi", too.
[[nodiscard]] std::string to_form_c(std::string_view utf8);
[[nodiscard]] std::string to_form_kc(std::string_view utf8);

} // namespace postern::text
