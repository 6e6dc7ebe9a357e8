// Names and values as addresses and forms have them: "a=1&b=2". Pure.
#pragma once

#include "http/message.h"

#include <optional>
#include <string>
#include <string_view>

namespace postern::http {

// Nothing: it makes no sense, or has a control character.
[[nodiscard]] std::optional<std::string> decode(std::string_view encoded);

// A "+" is one.
[[nodiscard]] std::optional<Fields> read_parameters(std::string_view encoded);

} // namespace postern::http
