// How much a message presses: what goes first when the link is narrow. Pure; any thread.
#pragma once

#include <cstdint>

namespace postern::core {

enum class Urgency : std::uint8_t { urgent, normal, bulk };

} // namespace postern::core
