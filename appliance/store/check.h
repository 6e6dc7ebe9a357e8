// `postern check`: whether everything that the store says of itself is true.
#pragma once

#include "store/store.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace postern::store {

// One sentence, for an administrator.
struct Problem {
    std::string what;
};

struct CheckReport {
    std::uint64_t accounts = 0;
    std::uint64_t mailboxes = 0;
    std::uint64_t index_rows = 0;
    std::uint64_t messages = 0;
    std::uint64_t queue_items = 0;
    std::uint64_t audit_rows = 0;
    std::uint64_t body_octets = 0; // read and verified; 0 when bodies were not asked for
    std::vector<Problem> problems; // the first max_problems of them
    bool truncated = false;        // there were more

    static constexpr std::size_t max_problems = 100;
};

// Rows, counts, references, access control lists, change log and audit chain in one snapshot; bodies, when asked for,
// in slices of a fraction of a second, so that a live store does not grow behind a long reader. Errors: what a read can
// fail with.
Result<CheckReport> check(Store& store, bool bodies);

} // namespace postern::store
