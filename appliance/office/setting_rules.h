// What a setting's value has to be beyond its type (core/settings.h), where core does not know enough to say: what is a
// domain name, and what leads to somebody. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::office {

// A sentence that says why the setting cannot have that value, which is of its type.
[[nodiscard]] std::optional<std::string> objection(std::string_view setting, std::string_view value);

} // namespace postern::office
