// Which language a client wants of those that there are (RFC 9110 §12.5.4, RFC 4647 §3.4). Pure.
#pragma once

#include <span>
#include <string_view>

namespace postern::http {

// `there_are`: primary subtags in lower case, at least one, of which the first is given to who wants none of them.
[[nodiscard]] std::string_view choose_language(std::string_view accept_language,
                                               std::span<std::string_view const> there_are);

} // namespace postern::http
