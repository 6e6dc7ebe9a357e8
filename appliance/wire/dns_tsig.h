// Messages that a shared key signs (TSIG, RFC 8945) with HMAC-SHA-256: what a name server asks for before it lets its
// zones be changed (RFC 2136). Pure; any thread.
#pragma once

#include "core/clock.h"
#include "core/secret.h"
#include "wire/dns_message.h"

#include <expected>
#include <string>
#include <string_view>

namespace postern::wire::dns {

struct TsigKey {
    Name name;
    core::Secret secret; // raw octets
};

struct SignedMessage {
    std::string octets;
    std::string mac; // of the answer's, too
};
// `message`: whole, and with room for the signature. It is good for five minutes around `now`. `request_mac`: of what
// it answers; empty: it is no answer.
[[nodiscard]] SignedMessage sign(std::string message, TsigKey const& key, core::WallTime now,
                                 std::string_view request_mac = {});

// The answer to a message with that MAC, if the key signed it as well; within five minutes of `now`. The error
// completes "the name server ...": it does not know the key, its clock is another, or somebody else answered.
[[nodiscard]] std::expected<Message, std::string> read_signed(std::string_view octets, TsigKey const& key,
                                                              std::string_view request_mac, core::WallTime now);

// RFC 2136 §2: takes away all texts of that name in the zone, and gives it this one; empty: none.
[[nodiscard]] Message text_update(Name const& zone, Name const& name, std::string_view text);

} // namespace postern::wire::dns
