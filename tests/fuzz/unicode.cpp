// Names, passwords, domains and search keys in Unicode. Properties: preparing twice is preparing once, and bounds hold.
#include "text/casemap.h"
#include "text/idn.h"
#include "text/saslprep.h"
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

    std::string const folded = text::casemap(input);
    require(text::is_utf8(folded));
    require(folded.size() <= 11 * text::to_valid_utf8(input).size());
    require(text::casemap(text::to_valid_utf8(input)) == folded);

    if (auto const prepared = text::saslprep(input)) {
        require(text::is_utf8(*prepared));
        require(text::saslprep(*prepared) == prepared);
    }
    if (auto const domain = text::domain_to_ascii(input)) {
        require(text::is_ascii(*domain) && !domain->empty() && domain->size() <= 253);
        require(text::domain_to_ascii(*domain) == domain);
        (void)text::domain_to_unicode(*domain);
    }
    return 0;
}
