// The writer: one thread, the only one that changes the store. It takes all changes that wait, and where commits are
// slow waits a little for more (Gathering), runs them in one transaction, commits once and then tells each caller
// (group commit); while idle it erases garbage, and in between where there is much of it.
#pragma once

#include "store/error.h"
#include "store/gathering.h"
#include "store/headroom.h"
#include "store/lmdb.h"
#include "store/registry.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <thread>

namespace postern::store {

class Writer {
public:
    struct Job {
        std::move_only_function<bool(WriteTransaction&)> change;       // whether it succeeded; may run more than once
        std::move_only_function<void(std::optional<StoreError>)> done; // why nothing of it was committed, if so
    };

    // All of these live longer than the writer.
    Writer(Environment& environment, BodyPins const& pins, Watchers const& watchers, RecentClaims const& claims,
           std::uint64_t low_water, std::function<std::uint64_t()> free_space);
    ~Writer() { close(); }

    void submit(Job job); // once it is closing, `done` is told StoreError::closed on the caller's thread
    void close();         // finishes what was accepted, and puts the claims

private:
    void run();
    void run_batch(std::span<Job> jobs);
    std::optional<StoreError> attempt(std::span<Job> jobs);
    StoreError failed(std::exception const& error, bool say);
    bool mend();                                 // whether the environment works again
    bool erase_garbage(std::size_t most_chunks); // whether any was erased
    void limit_garbage();
    void put_claims();
    std::uint64_t measure_room();
    std::uint64_t prepare_room();
    [[nodiscard]] Pending make_pending();

    Environment& environment_;
    BodyPins const& pins_;
    Watchers const& watchers_;
    std::function<Uid(MailboxId)> const claimed_recent_;
    RecentClaims const& claims_;
    std::uint64_t const low_water_;
    std::function<std::uint64_t()> const free_space_;

    // The writer's thread alone.
    Headroom headroom_;
    Gathering gathering_;
    std::uint64_t next_number_ = 0;
    bool garbage_ = false;          // there may be bodies to erase
    std::uint64_t bodies_left_ = 0; // to be erased, when last counted
    std::uint64_t bodies_allowed_;  // before that is done without a pause
    bool said_full_ = false;        // the log has it
    bool broken_ = false;           // the environment could not be opened again

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> waiting_; // under mutex_
    bool closing_ = false;    // under mutex_
    std::thread thread_;
};

} // namespace postern::store
