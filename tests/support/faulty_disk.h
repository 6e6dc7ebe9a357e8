// A disk that fails when a test wants it to: what is written to a store's data file goes through these functions, in a
// program that they are linked to or that loads them before all others (LD_PRELOAD, tests/CMakeLists.txt).
#pragma once

#include <atomic>
#include <cstdint>

namespace postern::test {

// Also how it lies in the file that POSTERN_FAULTY_DISK names, for whoever sets it from outside
// (system/faulty_disk.py).
struct FaultyDisk {
    std::atomic<std::int32_t> good_calls; // writes and flushes until one fails; negative: none does
    std::atomic<std::int32_t> bad_calls;  // how many fail then
    std::atomic<std::int32_t> error;      // what it fails with: an errno, or 0 for a write that is cut short
    std::atomic<std::int32_t> full;       // instead: from then on the file grows no more
    std::atomic<std::int32_t> failed;     // how many calls did
    std::atomic<std::int32_t> flushed;    // how many flushes there were
};

[[nodiscard]] FaultyDisk& faulty_disk();

} // namespace postern::test
