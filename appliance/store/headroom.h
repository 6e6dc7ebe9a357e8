// The end of the data file, written before it is needed. A commit that makes the file longer costs the file system a
// commit of its own journal, which is one flush more and some 12 KiB; one that fills octets which are there already
// does not. So zeros for many commits are written at once. They are really written: space that is only reserved
// (fallocate) costs the journal the same when it is first used.
#pragma once

#include "store/lmdb.h"

#include <cstdint>

namespace postern::store {

// The writer's thread alone.
class Headroom {
public:
    static constexpr std::uint64_t step = std::uint64_t{512} << 10;        // octets written at once
    static constexpr std::uint64_t large_growth = std::uint64_t{64} << 10; // a commit's, from which on zeros cost more

    explicit Headroom(Environment const& environment);

    // To be called between two transactions: what is left for the next commit's small growth is made long enough, while
    // the file system can spare `spare` octets. Without a sync, since nothing lives there: the next commit's covers it,
    // and a power cut before that takes nothing. A write that fails does no harm; LMDB then grows the file as it goes.
    void renew(std::uint64_t spare);

private:
    Environment const& environment_;
    std::uint64_t used_; // when last asked
    std::uint64_t end_;  // of what is there, or was tried
};

} // namespace postern::store
