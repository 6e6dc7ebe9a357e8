// When it pays to let a batch wait for more. A client that was just answered often has its next change ready at once;
// where a batch takes long, one that leaves without it makes it wait for two. So after a slow batch the next one waits
// for as many as there lately were, at most for a share of the time that the slow one took. A lone client is never
// delayed: it is all there was.
#pragma once

#include <chrono>
#include <cstddef>

namespace postern::store {

class Gathering {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds slow{2}; // a batch that takes longer
    static constexpr int share = 2;                     // measured: with less, some of 50 clients come too late

    // A batch of `answered` changes is on flash; `waiting` others came meanwhile.
    void note(std::size_t answered, std::size_t waiting, Clock::time_point began, Clock::time_point ended) {
        enough_ = answered + waiting;
        until_ = ended - began > slow ? ended + (ended - began) / share : ended;
    }

    // The next batch leaves with so many changes, or at that time with those that there are.
    [[nodiscard]] std::size_t enough() const { return enough_; }
    [[nodiscard]] Clock::time_point until() const { return until_; }

private:
    std::size_t enough_ = 0;
    Clock::time_point until_;
};

} // namespace postern::store
