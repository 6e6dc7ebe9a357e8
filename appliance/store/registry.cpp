#include "store/registry.h"

#include <algorithm>
#include <utility>

namespace postern::store {

std::shared_ptr<void> BodyPins::pin(BodyId body) {
    std::lock_guard const lock(counts_->mutex);
    ++counts_->of[body];
    return {nullptr, [counts = counts_, body](void*) {
                std::lock_guard const unlock(counts->mutex);
                if (--counts->of[body] == 0) counts->of.erase(body);
            }};
}

bool BodyPins::pinned(BodyId body) const {
    std::lock_guard const lock(counts_->mutex);
    return counts_->of.contains(body) || std::ranges::any_of(counts_->held, [body](BodyRange const& range) {
               return range.first <= body && body < range.end;
           });
}

std::shared_ptr<BodyRange> BodyPins::hold(BodyRange bodies) {
    std::lock_guard const lock(counts_->mutex);
    auto const at = counts_->held.insert(counts_->held.end(), bodies);
    return {&*at, [counts = counts_, at](void*) {
                std::lock_guard const unlock(counts->mutex);
                counts->held.erase(at);
            }};
}

bool BodyPins::change(BodyRange& held, BodyId first, BodyId end) const {
    std::lock_guard const lock(counts_->mutex);
    if (!held.given_up) held = {.first = first, .end = end};
    return !held.given_up;
}

bool BodyPins::give_up_ranges() const {
    std::lock_guard const lock(counts_->mutex);
    bool any = false;
    for (BodyRange& range : counts_->held) {
        any = any || range.first < range.end;
        range = {.first = {}, .end = {}, .given_up = true};
    }
    return any;
}

template <typename Id, typename Mark>
std::shared_ptr<void> WatchersOf<Id, Mark>::add(Id id, std::function<void(Mark const&)> on_change) {
    auto watcher = std::make_shared<Watcher>();
    watcher->on_change = std::move(on_change);
    std::lock_guard const lock(entries_->mutex);
    auto const at = entries_->of.emplace(id, watcher);
    return {nullptr, [entries = entries_, watcher, at](void*) {
                {
                    std::lock_guard const unlock(entries->mutex);
                    entries->of.erase(at);
                }
                std::lock_guard const wait(watcher->mutex);
                watcher->on_change = nullptr;
            }};
}

template <typename Id, typename Mark> void WatchersOf<Id, Mark>::call(Id id, Mark const& mark) const {
    std::vector<std::shared_ptr<Watcher>> watchers;
    {
        std::lock_guard const lock(entries_->mutex);
        auto const [first, last] = entries_->of.equal_range(id);
        for (auto at = first; at != last; ++at) watchers.push_back(at->second);
    }
    for (auto const& watcher : watchers) {
        std::lock_guard const lock(watcher->mutex);
        if (watcher->on_change) watcher->on_change(mark);
    }
}

template class WatchersOf<MailboxId, MailboxMark>;
template class WatchersOf<AccountId, AccountMark>;
template class WatchersOf<TheQueue, QueueMark>;
template class WatchersOf<TheStubs, StubsMark>;

Uid RecentClaims::claim(MailboxId mailbox, Uid recorded, Uid uid_next) {
    std::lock_guard const lock(mutex_);
    auto const at = first_.find(mailbox);
    Uid const before = at == first_.end() ? recorded : std::max(at->second, recorded);
    if (uid_next > before) first_[mailbox] = uid_next;
    return before;
}

Uid RecentClaims::of(MailboxId mailbox) const {
    std::lock_guard const lock(mutex_);
    auto const at = first_.find(mailbox);
    return at == first_.end() ? Uid{0} : at->second;
}

std::vector<MailboxId> RecentClaims::mailboxes() const {
    std::lock_guard const lock(mutex_);
    std::vector<MailboxId> mailboxes;
    for (auto const& [mailbox, uid] : first_) mailboxes.push_back(mailbox);
    return mailboxes;
}

std::optional<Usage> UsageSums::of(AccountId account) const {
    std::lock_guard const lock(mutex_);
    auto const at = sums_.find(account);
    return at == sums_.end() ? std::nullopt : std::optional(at->second);
}

void UsageSums::remember(AccountId account, Usage usage, std::size_t as_of) {
    std::lock_guard const lock(mutex_);
    if (as_of == as_of_) sums_.insert_or_assign(account, usage);
}

void UsageSums::commit(std::size_t number, std::map<AccountId, std::optional<Usage>> const& usage) {
    std::lock_guard const lock(mutex_);
    as_of_ = number;
    for (auto const& [account, sum] : usage) {
        if (sum)
            sums_.insert_or_assign(account, *sum);
        else
            sums_.erase(account);
    }
}

void UsageSums::begin(std::size_t number) {
    std::lock_guard const lock(mutex_);
    as_of_ = number;
    sums_.clear();
}

} // namespace postern::store
