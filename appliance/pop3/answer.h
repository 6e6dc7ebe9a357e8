// How a command ended (RFC 1939 §3). Response codes stand at the text's beginning (RFC 2449 §8, RFC 3206 §4).
#pragma once

#include "store/error.h"

#include <cstdint>
#include <string>

namespace postern::pop3 {

struct Answer {
    enum class Kind : std::uint8_t {
        ok,
        err,
        bad,  // -ERR to what should not have been said: too many in a row end the session
        said, // the response was queued, or nothing can be said any more
    } kind = Kind::said;
    std::string text;
};

[[nodiscard]] Answer ok(std::string text);
[[nodiscard]] Answer err(std::string text);
[[nodiscard]] Answer bad(std::string text);
[[nodiscard]] Answer said();

// There is no memory for it at the moment.
[[nodiscard]] Answer no_room();
// What the store could not do, in the client's terms: [SYS/TEMP] if it is worth another try, else [SYS/PERM].
[[nodiscard]] Answer err(store::StoreError error);

// "+OK text" or "-ERR text" with its line end; nothing for `said`.
[[nodiscard]] std::string format(Answer const& answer);

} // namespace postern::pop3
