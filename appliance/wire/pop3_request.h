// POP3 commands as a client sends them, each a whole line with CRLF (RFC 1939, RFC 2449, RFC 2595). A line end or a NUL
// in an argument is a broken invariant and throws std::invalid_argument, so that nothing can put a second command on
// the line. Pure; any thread.
#pragma once

#include "core/secret.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::wire::pop3::request {

[[nodiscard]] std::string capa();
[[nodiscard]] std::string stls();
[[nodiscard]] core::Secret user(std::string_view name);
[[nodiscard]] core::Secret pass(core::Secret const& password);
[[nodiscard]] std::string list();
[[nodiscard]] std::string uidl();
[[nodiscard]] std::string retr(std::uint32_t message);
[[nodiscard]] std::string top(std::uint32_t message, std::uint32_t lines); // its header, and so much of its body
[[nodiscard]] std::string dele(std::uint32_t message);
[[nodiscard]] std::string quit();

} // namespace postern::wire::pop3::request
