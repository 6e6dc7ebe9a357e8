// What is to become of a message's recipients once a relay has answered, or has not been there for long: decided here,
// written by the dispatcher.
#pragma once

#include "core/clock.h"
#include "policy/retry.h"
#include "relay/consignment.h"
#include "relay/notices.h"
#include "relay/transfer.h"
#include "store/records.h"

#include <string>
#include <vector>

namespace postern::relay {

// Who answered, if anyone did.
struct Answerer {
    std::string relay{}; // its name here
    std::string host{};
};

// All of one message.
struct Settlement {
    std::vector<store::QueueItemId> sent;     // their rows go, whatever else can be written
    std::vector<store::QueueItem> waiting;    // their rows from now on
    std::vector<store::QueueItemId> returned; // their rows go together with the notices
    std::vector<Notice> notices;

    // Returns it to its sender, and logs that.
    void give_back(NoticeKind kind, store::QueueItem const& item, Outcome const& outcome, Answerer const& by);
};

// Logs what it decides. `chance`: policy::backoff.
[[nodiscard]] Settlement settle(std::vector<store::QueueItem> items, std::vector<Outcome> const& outcomes,
                                Answerer const& by, core::LinkTime now, policy::RetryRules const& rules, double chance);

} // namespace postern::relay
