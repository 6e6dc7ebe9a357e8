// Message flags: the system flags of RFC 3501 §2.3.2 as bits (\Recent is a session's, not a message's, and keywords are
// names that each mailbox numbers for itself).
#pragma once

#include <cstdint>

namespace postern::core {

enum class SystemFlag : std::uint8_t { seen = 1, answered = 2, flagged = 4, deleted = 8, draft = 16 };

// A set of system flags.
class SystemFlags {
public:
    constexpr SystemFlags() = default;
    constexpr explicit SystemFlags(std::uint8_t bits) : bits_(bits & 31U) {}
    constexpr SystemFlags(SystemFlag flag) : bits_(static_cast<std::uint8_t>(flag)) {}

    [[nodiscard]] constexpr bool has(SystemFlag flag) const { return (bits_ & static_cast<std::uint8_t>(flag)) != 0; }
    [[nodiscard]] constexpr std::uint8_t bits() const { return bits_; }
    [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }

    friend constexpr SystemFlags operator|(SystemFlags left, SystemFlags right) {
        return SystemFlags(static_cast<std::uint8_t>(left.bits_ | right.bits_));
    }
    friend constexpr SystemFlags operator&(SystemFlags left, SystemFlags right) {
        return SystemFlags(static_cast<std::uint8_t>(left.bits_ & right.bits_));
    }
    // What is in `left` and not in `right`.
    friend constexpr SystemFlags operator-(SystemFlags left, SystemFlags right) {
        return SystemFlags(static_cast<std::uint8_t>(left.bits_ & ~right.bits_));
    }
    friend constexpr bool operator==(SystemFlags, SystemFlags) = default;

private:
    std::uint8_t bits_ = 0;
};

} // namespace postern::core
