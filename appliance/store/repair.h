// `postern check --repair`: a new store of all that can be read of a damaged one.
#pragma once

#include "store/store.h"

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

namespace postern::store {

struct RepairReport {
    std::uint64_t messages = 0;       // saved
    std::vector<std::string> damages; // what was lost or changed: a sentence each
    std::filesystem::path aside;      // where the damaged store lies now
};

// Reads page by page without LMDB, leaves out what does not hold, and makes the rest agree with itself again: counts,
// references, names. Every mailbox forgets its changes, so that clients look at all of it. A mailbox whose record is
// lost gets a new UIDVALIDITY. Mail that no mailbox has any more comes into the mailbox Recovered of the first
// administrator, or of the first account; where none is left, one named recovered is made.
//
// Holds the data directory as a daemon does, and is refused while one runs. The new store is built under another name
// and takes the old one's place in one step: who is interrupted leaves the old one where it is. Needs as much space
// again.
std::expected<RepairReport, OpenError> repair(std::filesystem::path const& directory, WallTime now);

} // namespace postern::store
