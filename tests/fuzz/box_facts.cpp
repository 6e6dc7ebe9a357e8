// What the image says of the box: what is taken is what it can be, and shows nothing that speaks to a terminal.
#include "control/box_facts.h"

#include "text/ascii.h"
#include "text/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace postern;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const facts = control::parse_box_facts({reinterpret_cast<char const*>(data), size});
    if (!facts) return 0;
    if (facts->wear.value_or(0) > 100) std::abort();
    if (!facts->slot.empty() && facts->slot != "A" && facts->slot != "B") std::abort();
    for (auto const& value : {facts->version, facts->left})
        if (!text::is_utf8(value) || std::ranges::any_of(value, text::is_control)) std::abort();
    return 0;
}
