#include "imap/messages.h"

#include <algorithm>

namespace postern::imap {

using wire::imap::SequenceSet;

core::UidSet uids_of(MailboxView const& view, SequenceSet const& messages, bool uid) {
    SequenceNumbers const& numbers = view.numbers();
    if (messages.is_saved()) return view.saved();
    if (uid) return messages.resolve(core::number(numbers.last().value_or(core::Uid{0})));
    return numbers.uids_of(messages.resolve(numbers.size()));
}

std::expected<Meant, Answer> find_messages(MailboxView const& view, SequenceSet const& messages, bool uid) {
    SequenceNumbers const& numbers = view.numbers();
    if (!uid)
        for (SequenceSet::Range const& range : messages.ranges())
            if (range.first != SequenceSet::star && range.last != SequenceSet::star &&
                std::max(range.first, range.last) > numbers.size())
                return std::unexpected(bad("There is no message of that number"));
    Meant meant{common(uids_of(view, messages, uid), numbers.uids())};
    auto const all = meant.uids.size();
    meant.uids.remove(view.gone());
    meant.missing = !uid && !messages.is_saved() && meant.uids.size() < all;
    return meant;
}

} // namespace postern::imap
