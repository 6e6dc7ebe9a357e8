// What the store keeps with the settings though it is none: it is neither listed nor set by itself.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace postern::control {

inline constexpr std::string_view domain_value = "office.domain";        // A-label form, lower case
inline constexpr std::string_view decoy_key_value = "office.decoy_key";  // hex
inline constexpr std::string_view acme_key_setting = "acme.dns_key";     // of acme.dns_key_name, base64
inline constexpr std::string_view menu_password_value = "menu.password"; // menu_password.h

[[nodiscard]] constexpr bool is_kept_value(std::string_view name) {
    constexpr std::array values{domain_value, decoy_key_value, acme_key_setting, menu_password_value};
    return std::ranges::contains(values, name);
}

} // namespace postern::control
