// Where a log is cut, and what the power cut leaves of the disk there: after each sync, all that was written, and only
// what is sure; the latter whenever a client was told something, too; and at random places, while any call is under
// way, any part of what was not synced.
#pragma once

#include "disk.h"
#include "record.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace postern::crash {

struct CutOptions {
    std::size_t random = 500; // cuts at random places
    std::uint64_t seed = 1;
    std::optional<Kind> without; // a kind of sync that is none
    std::string client;          // only one of them: the last before this client's second mark; empty: all
};

struct Cut {
    std::size_t number = 0; // from 0
    std::size_t record = 0; // the last of the log that happened, or was under way
    PowerCut power;
};

// In the order of the log; the disk is what it was then. The same log and options give the same cuts.
void for_each_cut(std::vector<Record> const& records, CutOptions const& options,
                  std::function<void(Cut const&, Disk const&)> const& visit);

} // namespace postern::crash
