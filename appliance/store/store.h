// The store: one LMDB environment, one writer, many readers (ARCHITECTURE.md, "The store").
//
// Promises:
// - write() calls `done` only after the change is on flash; with an error, nothing of it is.
// - Changes that wait at the same moment share one transaction and one sync (group commit). A change that throws costs
//   only itself: the batch is aborted and each of its changes runs again alone. So a change may run more than once: it
//   depends on its transaction and its own data alone.
// - A change that returns an error leaves nothing. Operations check first and put afterwards, which costs nothing; a
//   change that puts and then returns an error is undone at the price of its batch running again.
// - A read sees one consistent snapshot and returns copies; it never spans a wait.
//
// Threads: write() and read() may be called from any thread; `change` and write's `done` run on the writer's thread,
// `look` and read's `done` on a reader's thread: `done` must be short, must not throw, and posts to where the caller
// lives. A `change` or `look` that throws is logged and ends in StoreError::failed.
#pragma once

#include "core/ids.h"
#include "store/error.h"
#include "store/records.h"
#include "store/transaction.h"

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <type_traits>
#include <utility>

namespace postern::store {

struct StoreOptions {
    std::uint64_t map_size = std::uint64_t{16} << 30;  // octets of address space; near the partition's size
    std::uint64_t low_water = std::uint64_t{64} << 20; // octets that must stay free for new mail to be taken
    unsigned readers = 2;                              // threads of the reader pool
    bool read_only = false;                            // for the offline check
    bool keep_schema = false;                          // an older one, which earlier versions read: version.h
    std::function<std::uint64_t()> free_space = {};    // octets free on the file system; asks statvfs(2) unless given
};

// Why a store could not be opened: a sentence that says what to do.
struct OpenError {
    std::string reason;
};

// While it lives, a body that was expunged can still be read. Moves; any thread; may outlive the store.
class BodyPin {
public:
    BodyPin() = default; // holds nothing
    BodyPin(BodyPin&&) = default;
    BodyPin& operator=(BodyPin&&) = default;

private:
    friend class Store;
    explicit BodyPin(std::shared_ptr<void> hold) : hold_(std::move(hold)) {}
    std::shared_ptr<void> hold_; // unpins when it goes
};

struct BodyRange; // registry.h

// The same of every body whose number is in a range; whoever goes through them lets go of those that are behind him.
// Where new mail would be refused for want of space, all of them are let go.
class BodyHold {
public:
    [[nodiscard]] bool narrow(BodyId first, BodyId end); // false: they were let go before

private:
    friend class Store;
    BodyHold(std::shared_ptr<BodyRange> range, std::function<bool(BodyId, BodyId)> change)
        : range_(std::move(range)), change_(std::move(change)) {}
    std::shared_ptr<BodyRange> range_; // lets all of them go when it goes
    std::function<bool(BodyId, BodyId)> change_;
};

// While it lives, its callback is called after each commit that touched its mailbox, or its account. Its end waits for
// a call that is under way on another thread; after that there is none. Moves; any thread; may outlive the store.
class Watch {
public:
    Watch() = default; // watches nothing
    Watch(Watch&&) = default;
    Watch& operator=(Watch&&) = default;

private:
    friend class Store;
    explicit Watch(std::shared_ptr<void> hold) : hold_(std::move(hold)) {}
    std::shared_ptr<void> hold_; // unregisters when it goes
};

class Store {
public:
    // Opens or makes DIR/store/, refuses a newer schema and a DIR that another process has open (flock), and erases
    // what an interrupted run left behind. Where pages of the data file are damaged the store is only read: a change
    // could damage more, and ends in StoreError::damaged.
    static std::expected<std::unique_ptr<Store>, OpenError> open(std::filesystem::path const& directory,
                                                                 StoreOptions options);
    ~Store(); // closes it

    // Finishes what was accepted and stops its threads: once it returns, nothing is called from them any more, so that
    // what `done` posts to may go. What comes from then on ends in StoreError::closed, or is done on the caller's
    // thread (read, run_on_pool). Twice is once.
    void close();

    Store(Store const&) = delete;
    Store& operator=(Store const&) = delete;

    // change: Result<T>(WriteTransaction&) ; done: void(Result<T>)
    template <typename Change, typename Done> void write(Change change, Done done) {
        using R = std::invoke_result_t<Change&, WriteTransaction&>;
        auto result = std::make_shared<std::optional<R>>();
        submit_write(
            [change = std::move(change), result](WriteTransaction& transaction) mutable {
                result->emplace(change(transaction));
                return (*result)->has_value();
            },
            [done = std::move(done), result](std::optional<StoreError> failure) mutable {
                if (failure)
                    done(R(std::unexpect, *failure));
                else
                    done(std::move(**result));
            });
    }

    // look: Result<T>(ReadTransaction const&) ; done: void(Result<T>)
    template <typename Look, typename Done> void read(Look look, Done done) {
        run_on_pool([this, look = std::move(look), done = std::move(done)]() mutable { done(read_here(look)); });
    }

    // The same on the caller's own thread: for what is short and surely in memory, for tests, tools and start-up.
    template <typename Look> auto read_here(Look&& look) -> std::invoke_result_t<Look&, ReadTransaction const&> {
        using R = std::invoke_result_t<Look&, ReadTransaction const&>;
        std::optional<R> result;
        auto failure =
            with_read_transaction([&](ReadTransaction const& transaction) { result.emplace(look(transaction)); });
        if (failure) return R(std::unexpect, *failure);
        return std::move(*result);
    }

    // Waits for the commit: for tests, tools and start-up. Never on the writer's or a network thread.
    template <typename Change> auto write_here(Change change) -> std::invoke_result_t<Change&, WriteTransaction&> {
        std::optional<std::invoke_result_t<Change&, WriteTransaction&>> answer;
        std::binary_semaphore committed{0};
        write(std::move(change), [&](auto result) {
            answer.emplace(std::move(result));
            committed.release();
        });
        committed.acquire();
        return std::move(*answer);
    }

    // Runs any work that may burn processor (password hashing, MIME) on a reader's thread, without a transaction.
    void run_on_pool(std::move_only_function<void()> work);

    // Pin while or before the message is seen to be there: what is erased already does not come back.
    [[nodiscard]] BodyPin pin(BodyId body);

    // Of all bodies that there are and will be, until it is narrowed.
    [[nodiscard]] BodyHold hold_bodies();

    // `on_change` runs on the writer's thread, once a commit and before any `done` of it, with how far the mailbox came
    // by it; it must only wake somebody, and must not end its own Watch. Called as well when the mailbox is renamed or
    // deleted. Watch first, then read: nothing is missed.
    [[nodiscard]] Watch watch(MailboxId mailbox, std::function<void(MailboxMark)> on_change);

    // The same for all of an account, its subscriptions too, and what others share with it (AccountMark); after those
    // who watch the mailboxes alone.
    [[nodiscard]] Watch watch(AccountId account, std::function<void(AccountMark const&)> on_change);

    // Likewise once a commit brought new queue items, or a sender changed what waits of his.
    [[nodiscard]] Watch watch_queue(std::function<void(QueueMark)> on_change);

    // Likewise once somebody asked for what stubs are of, or does not want it any more (stubs.h).
    [[nodiscard]] Watch watch_stubs(std::function<void(StubsMark const&)> on_change);

    // RFC 3501 §2.3.2: the first UID that no session was shown as \Recent yet, where the mailbox's record says
    // `recorded` (Mailbox::first_recent); claims all below `uid_next`. Kept in memory and written with the mailbox's
    // next change, since a sync at every SELECT would wear the flash for a flag that may be repeated after a power cut.
    Uid claim_recent(MailboxId mailbox, Uid recorded, Uid uid_next);

private:
    struct Inner;
    explicit Store(std::unique_ptr<Inner> inner);

    // change returns whether it succeeded; done is told why nothing was committed, if nothing was.
    void submit_write(std::move_only_function<bool(WriteTransaction&)> change,
                      std::move_only_function<void(std::optional<StoreError>)> done);
    std::optional<StoreError> with_read_transaction(std::function<void(ReadTransaction const&)> const& look);

    std::unique_ptr<Inner> inner_;
};

} // namespace postern::store
