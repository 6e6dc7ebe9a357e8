#include "store/writer.h"

#include "core/log.h"
#include "store/rows.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace postern::store {

namespace {

// Bounds how long the first of a batch waits for the last.
constexpr std::size_t max_batch = 256;

// What a batch may add before free space is measured again; the low-water mark leaves far more than that.
constexpr std::uint64_t max_batch_room = std::uint64_t{256} << 20;

// A pause in the work after which garbage is erased, and how much in one transaction: 2 MiB of body or one body.
constexpr std::chrono::milliseconds idle_pause{200};
constexpr std::chrono::seconds long_pause{10}; // where all that is left is pinned, or the disk refused
constexpr std::size_t garbage_chunks = 64;

// Work may never pause: once so many bodies wait to be erased, some are after each batch, and more of them the more
// there are, so that the file does not grow with what was deleted.
constexpr std::uint64_t garbage_bodies = 256;
constexpr std::uint64_t garbage_share = 16;

// When a store is opened nobody waits yet.
constexpr std::size_t garbage_chunks_at_start = 4096;

} // namespace

Writer::Writer(Environment& environment, BodyPins const& pins, Watchers const& watchers, RecentClaims const& claims,
               std::uint64_t low_water, std::function<std::uint64_t()> free_space)
    : environment_(environment),
      pins_(pins),
      watchers_(watchers),
      claimed_recent_([&claims](MailboxId mailbox) { return claims.of(mailbox); }),
      claims_(claims),
      low_water_(low_water),
      free_space_(std::move(free_space)),
      headroom_(environment),
      bodies_allowed_(garbage_bodies) {
    // What was being spooled when the last run ended is garbage as well: nobody is left to finish it.
    while (erase_garbage(garbage_chunks_at_start)) {
    }
    thread_ = std::thread([this] { run(); });
}

void Writer::close() {
    {
        std::lock_guard const lock(mutex_);
        closing_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void Writer::submit(Job job) {
    std::unique_lock lock(mutex_);
    if (!closing_) {
        waiting_.push_back(std::move(job));
        lock.unlock(); // whom it wakes need not wait for us
        wake_.notify_one();
        return;
    }
    lock.unlock();
    job.done(StoreError::closed);
}

void Writer::run() {
    auto pause = std::chrono::duration_cast<std::chrono::milliseconds>(idle_pause);
    std::vector<Job> batch;
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            auto const work = [this] { return !waiting_.empty() || closing_; };
            if (!garbage_ && !broken_)
                wake_.wait(lock, work);
            else
                wake_.wait_for(lock, broken_ ? long_pause : pause, work);
            if (waiting_.empty() && closing_) break;
            if (!waiting_.empty())
                wake_.wait_until(lock, gathering_.until(), [this] {
                    return waiting_.size() >= std::min(gathering_.enough(), max_batch) || closing_;
                });
            auto const end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), max_batch));
            std::move(waiting_.begin(), end, std::back_inserter(batch));
            waiting_.erase(waiting_.begin(), end);
        }
        if (!batch.empty()) {
            run_batch(batch);
            batch.clear();
            pause = idle_pause;
            limit_garbage();
        } else if (broken_) {
            mend(); // for those who read
        } else if (garbage_) {
            pause = erase_garbage(garbage_chunks) ? idle_pause : long_pause;
        }
    }
    put_claims();
}

void Writer::run_batch(std::span<Job> jobs) {
    auto const failure = attempt(jobs);
    if (!failure) return;
    if (jobs.size() == 1) return jobs.front().done(*failure);
    for (Job& job : jobs) run_batch({&job, 1});
}

// Nothing when everybody was told; else why nothing was committed and nobody told.
std::optional<StoreError> Writer::attempt(std::span<Job> jobs) {
    if (broken_ && !mend()) return StoreError::failed;
    auto const began = Gathering::Clock::now();
    Pending pending = make_pending();
    try {
        pending.room = prepare_room();
        Snapshot snapshot(environment_, false);
        WriteTransaction transaction(snapshot, pending);
        bool undo = false;
        for (Job& job : jobs) {
            auto const puts = pending.puts;
            // Refused by value after it put something: what it put must not stay, what others put must.
            if (!job.change(transaction) && pending.puts != puts) undo = true;
            if (undo) break;
        }
        if (undo && jobs.size() > 1) return StoreError::failed;
        if (undo || pending.puts == 0) {
            snapshot.abort();
            pending.touched.clear();
            pending.touched_accounts.clear();
            pending.queue = {};
            pending.stubs = {};
            pending.garbage = false;
        } else {
            if (garbage_ || pending.garbage) bodies_left_ = count_rows(transaction, Table::garbage);
            snapshot.commit();
            std::lock_guard const lock(mutex_);
            gathering_.note(jobs.size(), waiting_.size(), began, Gathering::Clock::now());
        }
    } catch (std::exception const& error) {
        return failed(error, jobs.size() == 1);
    }
    if (pending.refused && !said_full_) {
        core::log(core::Event::store_full, {{"low_water", low_water_}});
        said_full_ = true;
    }
    if (pending.garbage) garbage_ = true;
    // Watchers first: whoever is told that a change is done may rely on every other session knowing of it.
    for (auto const& [mailbox, mark] : pending.touched) watchers_.mailboxes.call(mailbox, mark);
    for (auto const& [account, mark] : pending.touched_accounts) watchers_.accounts.call(account, mark);
    if (pending.queue.added || pending.queue.changed) watchers_.queue.call({}, pending.queue);
    if (!pending.stubs.sources.empty()) watchers_.stubs.call({}, pending.stubs);
    for (Job& job : jobs) job.done(std::nullopt);
    return std::nullopt;
}

// What to tell of a change that threw, and its end: the environment is as good as new.
StoreError Writer::failed(std::exception const& error, bool say) {
    auto const* failure = dynamic_cast<Failure const*>(&error);
    auto reason = failure ? failure->error() : StoreError::failed;
    if (failure && reason == StoreError::failed && !environment_.can_grow()) reason = StoreError::full;
    if (say) {
        auto const event = reason == StoreError::full      ? core::Event::store_full
                           : reason == StoreError::damaged ? core::Event::store_damaged
                                                           : core::Event::store_failed;
        core::log(event, {{"what", error.what()}});
    }
    mend();
    return reason;
}

bool Writer::mend() {
    try {
        environment_.reopen();
        broken_ = false;
    } catch (std::exception const& error) {
        core::log(core::Event::store_failed, {{"what", error.what()}});
        broken_ = true;
    }
    return !broken_;
}

bool Writer::erase_garbage(std::size_t most_chunks) {
    if (broken_ && !mend()) return false;
    bool const starting = !thread_.joinable();
    Pending pending = make_pending();
    try {
        Snapshot snapshot(environment_, false);
        WriteTransaction transaction(snapshot, pending);
        std::vector<MessageId> bodies;
        bool left = false;
        for_each_row(transaction, Table::garbage, "", [&](std::string_view key, std::string_view value) {
            auto const id = u64_at(key, 0);
            auto const garbage = id ? decode_garbage(value) : std::nullopt;
            if (!id) damaged("garbage");
            if (!starting && garbage && garbage->state == GarbageState::spooling) return true;
            if (pins_.pinned(static_cast<BodyId>(*id)))
                left = true;
            else
                bodies.push_back(static_cast<MessageId>(*id));
            return bodies.size() < most_chunks;
        });
        std::size_t chunks = 0;
        std::size_t erased = 0;
        for (; erased < bodies.size() && chunks < most_chunks; ++erased)
            chunks += erase_body(transaction, bodies[erased]);
        garbage_ = left || !bodies.empty(); // once more, to see what is left
        if (erased == 0) return false;
        snapshot.commit();
        return true;
    } catch (std::exception const& error) {
        failed(error, true);
        return false; // and once more after a pause
    }
}

void Writer::limit_garbage() {
    if (!garbage_ || bodies_left_ < bodies_allowed_) return;
    bool const erased = erase_garbage(std::max(garbage_chunks, bodies_left_ / garbage_share));
    bodies_allowed_ = (erased ? 0 : bodies_left_) + garbage_bodies; // what is pinned is not looked at for each batch
}

void Writer::put_claims() {
    Job job;
    job.change = [this](WriteTransaction& transaction) {
        for (MailboxId mailbox : claims_.mailboxes()) {
            auto record = load_mailbox(transaction, mailbox);
            if (record && record->mailbox.first_recent < claims_.of(mailbox)) save_mailbox(transaction, *record);
        }
        return true;
    };
    job.done = [](std::optional<StoreError>) {}; // \Recent may come again, and the log says what failed
    run_batch({&job, 1});
}

// Above the low-water mark, counted only so far as a batch may want it; some of it is made ready.
std::uint64_t Writer::measure_room() {
    auto const free = free_space_();
    auto const room = environment_.room(free, low_water_ + max_batch_room);
    if (free > low_water_) headroom_.renew(free - low_water_);
    return room > low_water_ ? room - low_water_ : 0;
}

// How much a batch may add.
std::uint64_t Writer::prepare_room() {
    std::uint64_t above = measure_room();
    // Near the mark, what was deleted a moment ago is what new mail waits for.
    while (above <= low_water_ / 4 && garbage_ && (erase_garbage(garbage_chunks) || pins_.give_up_ranges()))
        above = measure_room();
    if (above > low_water_ / 4) said_full_ = false;
    return above;
}

Pending Writer::make_pending() { return Pending{next_number_, 0, claimed_recent_}; }

} // namespace postern::store
