#include "net/der.h"

namespace postern::net::der {

std::string tlv(char tag, std::string_view content) {
    std::string out(1, tag);
    auto const size = content.size();
    // X.690 §10.1: as short as the length allows.
    if (size >= 0x100) {
        out += '\x82';
        out += static_cast<char>(size >> 8);
    } else if (size >= 0x80) {
        out += '\x81';
    }
    out += static_cast<char>(size & 0xff);
    return out += content;
}

} // namespace postern::net::der
