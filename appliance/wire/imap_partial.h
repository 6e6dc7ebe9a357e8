// RFC 9394 §4 partial-range: a page of what is found, "1:100" from the first on, "-1:-100" from the last one back.
// Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace postern::wire::imap {

struct PartialRange {
    std::uint32_t first; // from 1; as written, 500:400 is the same as 400:500
    std::uint32_t last;
    bool from_end; // "-1" is the last

    // Places among `count`, from 0: `end` is not one of them any more.
    struct Places {
        std::size_t begin;
        std::size_t end;
    };
    [[nodiscard]] Places of(std::size_t count) const {
        std::size_t const nearest = std::min<std::size_t>(std::min(first, last) - 1, count);
        std::size_t const farthest = std::min<std::size_t>(std::max(first, last), count);
        if (from_end) return {count - farthest, count - nearest};
        return {nearest, farthest};
    }

    friend bool operator==(PartialRange const&, PartialRange const&) = default;
};

} // namespace postern::wire::imap
