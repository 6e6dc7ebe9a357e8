// Whose connections and whose names this box takes for what they say. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace postern::smtp {

// smtp.accept_from: `networks` are ranges, "private" (net/address.h) or "any".
[[nodiscard]] bool admits(std::span<std::string const> networks, std::string_view peer_address);

// Is `domain` an address literal (RFC 5321 §4.1.3) of this very address?
[[nodiscard]] bool names_address(std::string_view domain, std::string_view address);

} // namespace postern::smtp
