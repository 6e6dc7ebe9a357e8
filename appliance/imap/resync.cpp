#include "imap/resync.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace postern::imap {

using core::Uid;

store::Result<Missed> missed_since(store::ReadTransaction const& transaction, store::MailboxId mailbox,
                                   SequenceNumbers const& numbers, wire::imap::Resync const& resync) {
    auto history = store::history_since(transaction, mailbox, resync.modseq);
    if (!history) return std::unexpected(history.error());
    Missed missed{std::move(history->touched), std::move(history->expunged)};
    if (resync.known) {
        missed.touched = common(missed.touched, *resync.known);
        missed.vanished = common(missed.vanished, *resync.known);
    }
    if (Uid const known = known_up_to(numbers, resync); known != Uid{0}) {
        core::UidSet range;
        range.add_range(1, core::number(known));
        missed.vanished.remove(range);
    }
    return missed;
}

// From the end of both sets on, in pieces that are ranges in both. UIDs ascend, so that within a piece the UID that a
// number has now is behind the named one less and less: where it is the same for the last time is found by bisection.
Uid known_up_to(SequenceNumbers const& numbers, wire::imap::Resync const& resync) {
    auto const counted = resync.numbers.ranges(), named = resync.uids.ranges();
    std::size_t i = counted.size(), j = named.size();
    std::uint32_t number_end = 0, uid_end = 0; // of what is left of each range; 0: all of it
    while (i > 0 && j > 0) {
        std::uint32_t const last_number = number_end != 0 ? number_end : counted[i - 1].last;
        std::uint32_t const last_uid = uid_end != 0 ? uid_end : named[j - 1].last;
        std::uint32_t const length = std::min(last_number - counted[i - 1].first, last_uid - named[j - 1].first) + 1;
        // The first so many of the piece whose number has at most the UID that is named for it.
        std::uint32_t low = 0, high = length;
        auto const uid = [&](std::uint32_t at) { return numbers.uid(last_number - length + 1 + at); };
        auto const wanted = [&](std::uint32_t at) { return static_cast<Uid>(last_uid - length + 1 + at); };
        while (low < high) {
            std::uint32_t const middle = low + (high - low) / 2;
            auto const now = uid(middle);
            if (now && *now <= wanted(middle))
                low = middle + 1;
            else
                high = middle;
        }
        if (low > 0 && uid(low - 1) == wanted(low - 1)) return wanted(low - 1);
        number_end = last_number - length;
        uid_end = last_uid - length;
        if (number_end < counted[i - 1].first) {
            number_end = 0;
            --i;
        }
        if (uid_end < named[j - 1].first) {
            uid_end = 0;
            --j;
        }
    }
    return Uid{0};
}

} // namespace postern::imap
