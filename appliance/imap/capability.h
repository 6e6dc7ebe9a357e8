// What this server can do (RFC 3501 §6.1.1), which depends on the state of the session. Pure.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace postern::imap {

// Before somebody logged in: how to. `starttls`: it can be started; `mechanisms`: those of SASL on offer now; LOGIN is
// disabled (RFC 3501 §6.2.3) unless `login`.
[[nodiscard]] std::vector<std::string_view> capabilities_before_login(bool starttls, bool login,
                                                                      std::span<std::string_view const> mechanisms);
[[nodiscard]] std::vector<std::string_view> capabilities_after_login(bool administrator);
// Whether some client can be shown it. APPENDLIMIT (RFC 7889) is not among them, whose name holds a number.
[[nodiscard]] bool is_capability(std::string_view name);

} // namespace postern::imap
