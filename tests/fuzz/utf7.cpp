// Mailbox names as a hostile client spells them. Properties: what decodes has no other spelling; what is encoded
// decodes to itself.
#include "text/utf7.h"

#include "text/utf8.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace postern;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const input(reinterpret_cast<char const*>(data), size);
    if (auto const utf8 = text::utf7_decode(input)) {
        require(text::is_utf8(*utf8));
        require(text::utf7_encode(*utf8) == input);
    }
    std::string const name = text::to_valid_utf8(input);
    std::string const wire = text::utf7_encode(name);
    require(text::is_ascii(wire));
    require(text::utf7_decode(wire) == name);
    require(text::utf7_encode(input) == wire);
    return 0;
}
