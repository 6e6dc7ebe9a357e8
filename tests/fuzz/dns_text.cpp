// A record's data as somebody writes it: what is read says the same once it is written again.
#include "wire/dns_text.h"

#include <cstdint>
#include <string_view>

using namespace postern::wire::dns;

// The first two octets are the type.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size < 2) return 0;
    auto const type = static_cast<Type>(data[0] << 8 | data[1]);
    std::string_view const written(reinterpret_cast<char const*>(data) + 2, size - 2);
    static Name const origin = Name::parse("office.lan").value();
    auto const read = parse_data(type, written, origin);
    if (!read) return 0;
    if (parse_data(type, format_data(*read), Name()) != read) __builtin_trap();
    if (parse_type(describe(type)) != type) __builtin_trap();
    return 0;
}
