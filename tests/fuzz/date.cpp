// Dates of a hostile sender. Property: what can be read is written so that it is read as the same instant and offset.
#include "message/date.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace postern;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace std::chrono;
    auto const date = message::parse_date({reinterpret_cast<char const*>(data), size});
    if (!date) return 0;
    require(abs(date->offset) < hours(24));
    auto const written = message::parse_date(message::format_date(*date));
    require(written.has_value());
    require(written->offset == date->offset);
    if (date->utc > sys_days(year(1900) / 1 / 3) && date->utc < sys_days(year(9999) / 12 / 29))
        require(written == date);
    return 0;
}
