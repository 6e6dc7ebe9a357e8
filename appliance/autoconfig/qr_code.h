// A QR code (ISO/IEC 18004) as a picture within a page, by libqrencode. Pure.
#pragma once

#include <string>
#include <string_view>

namespace postern::autoconfig {

// SVG, dark on a light ground in any colour scheme, as cameras want it. `title`: what it is, for who does not see it.
// Empty: that text is too long for one.
[[nodiscard]] std::string qr_code(std::string const& text, std::string_view title);

} // namespace postern::autoconfig
