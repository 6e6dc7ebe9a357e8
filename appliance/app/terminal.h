// The administrator's terminal: passwords come without echo.
#pragma once

#include "core/secret.h"

#include <optional>
#include <string>

namespace postern::app {

[[nodiscard]] bool has_terminal(); // on standard input

// A line of standard input without its newline; nothing at its end.
[[nodiscard]] std::optional<core::Secret> read_secret_line();

// The same from the terminal, without echo, after showing `prompt`.
[[nodiscard]] std::optional<core::Secret> ask_secret(std::string const& prompt);

} // namespace postern::app
