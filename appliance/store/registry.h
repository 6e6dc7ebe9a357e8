// What the store knows in memory alone: pinned bodies, watchers, UIDs shown as \Recent, and what accounts hold. Any
// thread.
#pragma once

#include "store/records.h"

#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace postern::store {

// From one number up to the one before another.
struct BodyRange {
    BodyId first{};
    BodyId end{};
    bool given_up = false; // its bodies may be erased after all
};

// Bodies that must stay while somebody reads them, counted.
class BodyPins {
public:
    // Pins until the result goes; that may be after the BodyPins.
    [[nodiscard]] std::shared_ptr<void> pin(BodyId body);
    [[nodiscard]] bool pinned(BodyId body) const;

    // Pins all bodies whose numbers are in a range, which may be changed, until the result goes.
    [[nodiscard]] std::shared_ptr<BodyRange> hold(BodyRange bodies);
    [[nodiscard]] bool change(BodyRange& held, BodyId first, BodyId end) const; // false: it was given up
    // All ranges that are held, where space is wanted; whether there were any.
    bool give_up_ranges() const;

private:
    struct Counts {
        std::mutex mutex;
        std::map<BodyId, unsigned> of;
        std::list<BodyRange> held;
    };
    std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

// Who is called when something of a kind changed.
template <typename Id, typename Mark> class WatchersOf {
public:
    // Registered until the result goes; its end waits for a call that is under way.
    [[nodiscard]] std::shared_ptr<void> add(Id id, std::function<void(Mark const&)> on_change);
    void call(Id id, Mark const& mark) const;

private:
    struct Watcher {
        std::mutex mutex; // held during a call
        std::function<void(Mark const&)> on_change;
    };
    struct Entries {
        std::mutex mutex;
        std::multimap<Id, std::shared_ptr<Watcher>> of;
    };
    std::shared_ptr<Entries> entries_ = std::make_shared<Entries>();
};

struct TheQueue {
    friend auto operator<=>(TheQueue, TheQueue) = default;
};

struct TheStubs {
    friend auto operator<=>(TheStubs, TheStubs) = default;
};

struct Watchers {
    WatchersOf<MailboxId, MailboxMark> mailboxes;
    WatchersOf<AccountId, AccountMark> accounts;
    WatchersOf<TheQueue, QueueMark> queue; // there is one
    WatchersOf<TheStubs, StubsMark> stubs;
};

// The first UID of each mailbox that no session was shown as \Recent, where it is more than the mailbox's record says.
class RecentClaims {
public:
    Uid claim(MailboxId mailbox, Uid recorded, Uid uid_next); // what it was before
    [[nodiscard]] Uid of(MailboxId mailbox) const;            // Uid{0} without a claim
    [[nodiscard]] std::vector<MailboxId> mailboxes() const;

private:
    mutable std::mutex mutex_;
    std::map<MailboxId, Uid> first_;
};

// What accounts hold as of the last commit, of those that were summed once (quota.h). Commits are known by LMDB's
// numbers of their transactions.
class UsageSums {
public:
    [[nodiscard]] std::optional<Usage> of(AccountId account) const;

    // What a reader summed in a snapshot as of that commit. Forgotten where there was another meanwhile.
    void remember(AccountId account, Usage usage, std::size_t as_of);
    // What a change came to; nothing: it is not known.
    void commit(std::size_t number, std::map<AccountId, std::optional<Usage>> const& usage);
    // Nothing is known any more; that was the last commit.
    void begin(std::size_t number);

private:
    mutable std::mutex mutex_;
    std::map<AccountId, Usage> sums_;
    std::size_t as_of_ = 0;
};

} // namespace postern::store
