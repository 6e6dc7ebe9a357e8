// How large something is, for people. Pure; any thread.
#pragma once

#include <cstdint>
#include <format>
#include <string>

namespace postern::text {

// "12 kB", "3.4 MB"
inline std::string size_text(std::uint64_t octets) {
    auto const kilobytes = (octets + 999) / 1'000;
    return kilobytes < 1'000 ? std::format("{} kB", kilobytes)
                             : std::format("{:.1f} MB", static_cast<double>(octets) / 1'000'000);
}

} // namespace postern::text
