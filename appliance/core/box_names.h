// The names of the box: its certificate has them, and the name server answers for those below the office's domain.
#pragma once

#include <array>
#include <string_view>

namespace postern::core {

inline constexpr std::string_view host_label = "mail"; // the one that all settings of clients name
// Others, which clients try by themselves or people type in.
inline constexpr std::array<std::string_view, 7> other_labels{"imap",         "smtp",  "pop",           "autoconfig",
                                                              "autodiscover", "setup", "ua-auto-config"};
// What it is called on its own cable, where no name server is asked (RFC 6762).
inline constexpr std::string_view multicast_name = "postern.local";

} // namespace postern::core
