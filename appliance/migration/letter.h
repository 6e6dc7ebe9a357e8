// A message as it travels between boxes and other software's mailboxes, and a stream of them: of each a head and then
// its octets. Pure; any thread.
#pragma once

#include "core/clock.h"
#include "core/flags.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern::migration {

struct LetterHead {
    core::SystemFlags flags;
    std::vector<std::string> keywords;
    core::WallTime date{}; // RFC 3501 §2.3.3
    std::uint64_t size = 0;
    std::uint32_t sum = 0; // CRC-32C of its octets; of what the store gives, 0
    friend bool operator==(LetterHead const&, LetterHead const&) = default;
};

struct Letter {
    LetterHead head;
    std::string text; // as the store has it, with CRLF
};

[[nodiscard]] std::string encode(LetterHead const& head);

class LetterReader {
public:
    struct NeedMore {};
    struct Malformed {};
    using Event = std::variant<NeedMore, Malformed, LetterHead, std::string>; // or some of its octets, at least one

    void feed(std::string_view octets) { waiting_ += octets; }
    // After a head, octets until all of `size` were given.
    [[nodiscard]] Event next();
    // Whether nothing is left in the middle.
    [[nodiscard]] bool at_end() const { return waiting_.empty() && left_ == 0; }

private:
    std::string waiting_;
    std::uint64_t left_ = 0; // of the letter's octets
};

// Whether the store takes it as a keyword: an atom of RFC 3501 §9.
[[nodiscard]] bool is_keyword(std::string_view name);

} // namespace postern::migration
