// Why a client of SASL gives an exchange up. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

namespace postern::wire {

enum class SaslFault : std::uint8_t {
    malformed,         // not a challenge of this mechanism, or one too many
    iterations,        // RFC 7677 §4: too few to protect the password, or so many that they only cost time
    refused,           // the server says that login or password is wrong
    server_not_proven, // its signature is wrong: it does not know the password, and may be anybody
};

// For a log: what the server did.
[[nodiscard]] constexpr std::string_view describe(SaslFault fault) {
    switch (fault) {
    case SaslFault::malformed: return "it sent a challenge that the mechanism does not have";
    case SaslFault::iterations: return "it wants the password hashed too seldom or too often";
    case SaslFault::refused: return "it does not take this login or password";
    case SaslFault::server_not_proven: return "it did not prove that it knows the password";
    }
    std::unreachable();
}

} // namespace postern::wire
