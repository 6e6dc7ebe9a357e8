// The names of the box below the office's domain: the name server answers for them, and its certificate has them.
#pragma once

#include <array>
#include <string_view>

namespace postern::core {

inline constexpr std::string_view host_label = "mail"; // the one that all settings of clients name
// Others, which clients try by themselves or people type in.
inline constexpr std::array<std::string_view, 7> other_labels{"imap",         "smtp",  "pop",           "autoconfig",
                                                              "autodiscover", "setup", "ua-auto-config"};

} // namespace postern::core
