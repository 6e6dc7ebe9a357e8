#include "imap/messages.h"

#include <algorithm>

namespace postern::imap {

std::expected<Meant, Answer> find_messages(MailboxView const& view, wire::imap::SequenceSet const& messages, bool uid) {
    using wire::imap::SequenceSet;
    SequenceNumbers const& numbers = view.numbers();
    Meant meant;
    if (uid) {
        meant.uids = common(messages.resolve(core::number(numbers.last().value_or(core::Uid{0}))), numbers.uids());
        meant.uids.remove(view.gone());
        return meant;
    }
    for (SequenceSet::Range const& range : messages.ranges())
        if (range.first != SequenceSet::star && range.last != SequenceSet::star &&
            std::max(range.first, range.last) > numbers.size())
            return std::unexpected(bad("There is no message of that number"));
    meant.uids = numbers.uids_of(messages.resolve(numbers.size()));
    auto const all = meant.uids.size();
    meant.uids.remove(view.gone());
    meant.missing = meant.uids.size() < all;
    return meant;
}

} // namespace postern::imap
