// What was seen of a provider's mailbox by IMAP, and not taken, so that the next look asks only for what is new or
// changed: on the same connection by UIDs, on another one by mod-sequences (RFC 7162), where the provider has them.
#pragma once

#include "store/records.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postern::fetch {

// A value in memory; in doubt everything is looked at again.
struct Survey {
    struct Message {
        store::Uid uid{};
        std::uint64_t size = 0; // as the provider says, which need not be true
        std::optional<store::WallTime> internal_date{};
    };

    std::string mailbox;            // which one, with its UIDVALIDITY: how all of its ids begin
    std::uint64_t mod_sequence = 0; // changes up to here were seen; 0: the provider has none
    store::Uid next{1};             // above all that were seen
    std::vector<Message> open{};    // by UID

    void put(Message message) {
        auto const at = std::ranges::lower_bound(open, message.uid, {}, &Message::uid);
        if (at != open.end() && at->uid == message.uid)
            *at = message;
        else
            open.insert(at, message);
        next = std::max(next, core::next(message.uid));
    }
    void remove(store::Uid uid) {
        auto const at = std::ranges::lower_bound(open, uid, {}, &Message::uid);
        if (at != open.end() && at->uid == uid) open.erase(at);
    }
};

} // namespace postern::fetch
