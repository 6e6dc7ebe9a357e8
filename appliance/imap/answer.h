// How a command ended: what stands after its tag.
#pragma once

#include "store/error.h"
#include "wire/imap_response.h"

#include <string>
#include <string_view>

namespace postern::imap {

struct Answer {
    wire::imap::Condition condition = wire::imap::Condition::ok; // ok, no or bad; bye: nothing tagged, the session ends
    std::string text; // with its response code, if any; empty: the tagged response was sent, or cannot be any more
};

[[nodiscard]] Answer ok(std::string text);
[[nodiscard]] Answer no(std::string text);
[[nodiscard]] Answer bad(std::string text);
[[nodiscard]] Answer answered();

// RFC 5530 §3: there is no memory for it at the moment.
[[nodiscard]] Answer no_room();

// Every StoreError in the client's terms, with the response code of RFC 5530. `full` and `over_quota` are told apart by
// their text alone: for both the client's remedy is to delete mail. Without its account a session has to end.
[[nodiscard]] Answer no(store::StoreError error);
// The same for the mailbox that APPEND, COPY and MOVE put into: [TRYCREATE] if there is none (RFC 3501 §6.3.11,
// §6.4.7).
[[nodiscard]] Answer no_destination(store::StoreError error);

} // namespace postern::imap
