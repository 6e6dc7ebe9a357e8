#include "imap/mailbox_view.h"

#include "wire/imap_response.h"

#include <algorithm>
#include <limits>
#include <ranges>
#include <utility>

namespace postern::imap {

using core::Uid;
using core::UidSet;

namespace {

// Of `uids`, those above `floor`.
UidSet above(UidSet const& uids, std::uint32_t floor) {
    if (floor == std::numeric_limits<std::uint32_t>::max()) return {};
    UidSet range;
    range.add_range(floor + 1, std::numeric_limits<std::uint32_t>::max());
    return common(uids, range);
}

} // namespace

MailboxView::MailboxView(UidSet uids, UidSet recent, core::ModSeq seen)
    : numbers_(std::move(uids)),
      recent_(std::move(recent)),
      last_announced_(numbers_.last().value_or(Uid{0})),
      seen_(seen),
      told_(seen) {}

void MailboxView::take(store::Changes const& changes, Uid first_recent) {
    told_ = told();
    // Below the floor of what a mailbox remembers, `added` may name messages that are known here, whose flags changed
    // then, and `expunged` UIDs that never were here (store/changes.h).
    UidSet const added = above(changes.added, core::number(numbers_.last().value_or(Uid{0})));
    if (!added.empty()) {
        numbers_.add(added);
        recent_.add(above(added, core::number(first_recent) - 1));
        arrived_ = true;
    }
    UidSet touched = changes.changed;
    touched.add(changes.added);
    touched.remove(added);
    flags_changed_.add(common(touched, numbers_.uids()));
    // What came and went before the client was told of it has no number to be expunged under.
    UidSet const unseen = above(changes.expunged, core::number(last_announced_));
    numbers_.remove(unseen);
    recent_.remove(unseen);
    flags_changed_.remove(unseen);
    gone_.add(common(changes.expunged, numbers_.uids()));
    seen_ = changes.highest;
}

void MailboxView::take_deletion() {
    told_ = told();
    numbers_.remove(above(numbers_.uids(), core::number(last_announced_)));
    gone_ = numbers_.uids();
}

void MailboxView::announce_expunges(std::string& out, bool vanished) {
    if (vanished) {
        wire::imap::put_vanished(out, gone_, false);
    } else {
        // The highest number first: then none of those that follow has moved.
        UidSet const numbers = numbers_.numbers_of(gone_);
        for (UidSet::Range const& range : numbers.ranges() | std::views::reverse)
            for (std::uint32_t number = range.last; number >= range.first; --number)
                wire::imap::put_expunge(out, number);
    }
    numbers_.remove(gone_);
    recent_.remove(gone_);
    flags_changed_.remove(gone_);
    saved_.remove(gone_);
    gone_ = {};
}

UidSet MailboxView::arrived() const { return above(numbers_.uids(), core::number(last_announced_)); }

void MailboxView::announce_arrivals(std::string& out, bool recent) {
    if (!std::exchange(arrived_, false)) return;
    last_announced_ = std::max(last_announced_, numbers_.last().value_or(Uid{0}));
    wire::imap::put_exists(out, numbers_.size());
    if (recent) wire::imap::put_recent(out, static_cast<std::uint32_t>(recent_.size()));
}

std::size_t MailboxView::held_octets() const {
    std::size_t ranges = 2 * numbers_.uids().ranges().size(); // those that count are kept beside
    for (UidSet const* uids : {&recent_, &gone_, &flags_changed_, &saved_}) ranges += uids->ranges().size();
    return ranges * sizeof(UidSet::Range);
}

UidSet MailboxView::take_flag_changes() {
    flags_changed_.remove(gone_);
    return std::exchange(flags_changed_, {});
}

} // namespace postern::imap
