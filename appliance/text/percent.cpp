#include "text/percent.h"

#include "text/ascii.h"

#include <format>

namespace postern::text {

std::optional<std::string> percent_decode(std::string_view encoded) {
    std::string out;
    while (!encoded.empty()) {
        std::size_t length = 1;
        if (encoded.front() == '%') {
            length = 3;
            int const high = encoded.size() < length ? -1 : hex_value(encoded[1]);
            int const low = encoded.size() < length ? -1 : hex_value(encoded[2]);
            if (high < 0 || low < 0) return std::nullopt;
            out += static_cast<char>(high * 16 + low);
        } else {
            out += encoded.front();
        }
        encoded.remove_prefix(length);
    }
    return out;
}

std::string percent_encode(std::string_view octets, std::string_view plain) {
    constexpr std::string_view unreserved_marks = "-._~";
    std::string out;
    for (char const c : octets)
        if (is_alnum(c) || unreserved_marks.contains(c) || plain.contains(c))
            out += c;
        else
            out += std::format("%{:02X}", static_cast<unsigned char>(c));
    return out;
}

} // namespace postern::text
