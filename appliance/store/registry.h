// What the store knows in memory alone: pinned bodies, watchers, and UIDs shown as \Recent. Any thread.
#pragma once

#include "store/records.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace postern::store {

// Bodies that must stay while somebody reads them, counted.
class BodyPins {
public:
    // Pins until the result goes; that may be after the BodyPins.
    [[nodiscard]] std::shared_ptr<void> pin(BodyId body);
    [[nodiscard]] bool pinned(BodyId body) const;

private:
    struct Counts {
        std::mutex mutex;
        std::map<BodyId, unsigned> of;
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

struct Watchers {
    WatchersOf<MailboxId, MailboxMark> mailboxes;
    WatchersOf<AccountId, AccountMark> accounts;
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

} // namespace postern::store
