// What the journal knows of messages, put together: the lives of those that somebody looks for.
#pragma once

#include "core/clock.h"
#include "office/journal.h"
#include "store/records.h"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace postern::control {

// What is looked for.
struct LivesQuery {
    std::string words; // a mail address or a Message-ID, in lower case and without angle brackets
    // Whose address that is.
    std::optional<store::AccountId> account;
    std::string login;
    std::set<store::MessageId> also; // whatever is recorded of them
    core::WallTime since{};          // only those to which something happened since
    std::size_t most = 0;            // the newest
};

struct Life {
    std::optional<store::MessageId> message; // nothing: it was never accepted
    std::vector<office::JournalRecord> events;
    std::size_t left_out = 0; // further events
};

struct Lives {
    std::vector<Life> lives; // the newest last
    std::optional<core::WallTime> recorded_since;
    // Where a daemon began that had not been told to stop before: from the last record before that to the first after.
    struct Gap {
        core::WallTime from;
        core::WallTime to;
    };
    std::vector<Gap> gaps;
};

// Of who is only one of many recipients, what happened to the others is left out. Reads the files twice; for a reader's
// thread.
[[nodiscard]] Lives find_lives(office::Journal::Snapshot const& journal, LivesQuery const& query);

} // namespace postern::control
