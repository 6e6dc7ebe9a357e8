#include "autoconfig/qr_code.h"

#include "text/markup.h"

#include <qrencode.h>

#include <format>
#include <memory>

namespace postern::autoconfig {

namespace {

constexpr int quiet_zone = 4; // modules, §6.3.8
constexpr int module_pixels = 5;
constexpr unsigned char dark = 1; // of what libqrencode says of a module

} // namespace

std::string qr_code(std::string const& text, std::string_view title) {
    std::unique_ptr<QRcode, decltype(&QRcode_free)> const code(QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_M),
                                                               QRcode_free);
    if (!code) return {};
    int const side = code->width + 2 * quiet_zone;
    std::string modules;
    for (int y = 0; y < code->width; ++y)
        for (int x = 0; x < code->width;) {
            auto const is_dark = [&](int at) {
                return at < code->width && (code->data[y * code->width + at] & dark) != 0;
            };
            int const begin = x;
            while (is_dark(x)) ++x;
            if (x > begin)
                modules += std::format("M{} {}h{}v1h-{}z", begin + quiet_zone, y + quiet_zone, x - begin, x - begin);
            else
                ++x;
        }
    return std::format("<svg class=\"qr\" role=\"img\" viewBox=\"0 0 {0} {0}\" width=\"{1}\" height=\"{1}\" "
                       "shape-rendering=\"crispEdges\"><title>{2}</title><path fill=\"#fff\" d=\"M0 0h{0}v{0}h-{0}z\"/>"
                       "<path fill=\"#000\" d=\"{3}\"/></svg>",
                       side, side * module_pixels, text::escape_markup(title), modules);
}

} // namespace postern::autoconfig
