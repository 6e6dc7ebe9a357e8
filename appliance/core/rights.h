// What a login may do with a mailbox: the rights of RFC 4314 §2.1 as bits.
#pragma once

#include <cstdint>

namespace postern::core {

enum class Right : std::uint16_t {
    lookup = 1,            // l: sees that it is there
    read = 2,              // r
    seen = 4,              // s: changes \Seen
    write = 8,             // w: changes other flags, but not \Deleted
    insert = 16,           // i: puts messages into it
    post = 32,             // p: mails to it
    create_mailboxes = 64, // k: below it
    delete_mailbox = 128,  // x
    delete_messages = 256, // t: changes \Deleted
    expunge = 512,         // e
    administer = 1024,     // a: changes what others may
};

// A set of rights.
class Rights {
public:
    constexpr Rights() = default;
    constexpr explicit Rights(std::uint16_t bits) : bits_(bits & every) {}
    constexpr Rights(Right right) : bits_(static_cast<std::uint16_t>(right)) {}

    [[nodiscard]] static constexpr Rights all() { return Rights(every); }

    [[nodiscard]] constexpr bool has(Right right) const { return (bits_ & static_cast<std::uint16_t>(right)) != 0; }
    [[nodiscard]] constexpr bool has_all(Rights rights) const { return (rights.bits_ & ~bits_) == 0; }
    [[nodiscard]] constexpr bool has_any(Rights rights) const { return (rights.bits_ & bits_) != 0; }
    [[nodiscard]] constexpr std::uint16_t bits() const { return bits_; }
    [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }

    friend constexpr Rights operator|(Rights left, Rights right) {
        return Rights(static_cast<std::uint16_t>(left.bits_ | right.bits_));
    }
    // What is in `left` and not in `right`.
    friend constexpr Rights operator-(Rights left, Rights right) {
        return Rights(static_cast<std::uint16_t>(left.bits_ & ~right.bits_));
    }
    friend constexpr bool operator==(Rights, Rights) = default;

private:
    static constexpr std::uint16_t every = 2047;
    std::uint16_t bits_ = 0;
};

constexpr Rights operator|(Right left, Right right) { return Rights(left) | Rights(right); }

} // namespace postern::core
