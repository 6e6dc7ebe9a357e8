#include "store/changes.h"

#include "store/messages.h"
#include "store/rows.h"

#include <format>
#include <limits>
#include <utility>

namespace postern::store {

namespace {

// The change rows above `since` together, which is not below the floor. UIDs are never used again, so the order of the
// rows does not matter.
void add_rows(ReadTransaction const& transaction, MailboxId mailbox, ModSeq since, Changes& changes) {
    for_each_row(transaction, Table::mailbox, mailbox_rows(mailbox, MailboxRow::change),
                 [&](std::string_view key, std::string_view value) {
                     auto const complement = u64_at(key, 5);
                     auto const modseq = static_cast<ModSeq>(~complement.value_or(0));
                     if (modseq <= since) return false; // the newest come first
                     auto const change = complement ? decode_change(modseq, value) : std::nullopt;
                     if (!change) damaged(std::format("change of mailbox {}", core::number(mailbox)));
                     changes.added.add(change->added);
                     changes.changed.add(change->changed);
                     changes.expunged.add(change->expunged);
                     return true;
                 });
}

// Everything that happened since, not folded; below the floor as changes_since says.
Result<Changes> collect(ReadTransaction const& transaction, MailboxId mailbox, ModSeq since) {
    auto const record = load_mailbox(transaction, mailbox);
    if (!record) return std::unexpected(StoreError::no_such_mailbox);
    Changes changes{record->mailbox.highest_modseq, record->mailbox.uid_next, {}, {}, {}};
    if (since >= record->mailbox.expunge_floor) {
        add_rows(transaction, mailbox, since, changes);
        return changes;
    }
    if (core::number(changes.uid_next) > 1) changes.expunged.add_range(1, core::number(changes.uid_next) - 1);
    UidSet present;
    UidSet all;
    all.add_range(1, std::numeric_limits<std::uint32_t>::max());
    for_each_index(transaction, mailbox, all, [&](IndexRow const& row) {
        present.add(row.uid);
        if (row.modseq > since) changes.added.add(row.uid);
        return true;
    });
    changes.expunged.remove(present);
    return changes;
}

} // namespace

Result<Changes> changes_since(ReadTransaction const& transaction, MailboxId mailbox, ModSeq since) {
    auto changes = collect(transaction, mailbox, since);
    if (!changes) return changes;
    UidSet const ever_added = changes->added;
    changes->changed.remove(ever_added);
    changes->changed.remove(changes->expunged);
    changes->added.remove(changes->expunged);
    changes->expunged.remove(ever_added);
    return changes;
}

Result<History> history_since(ReadTransaction const& transaction, MailboxId mailbox, ModSeq since) {
    auto changes = collect(transaction, mailbox, since);
    if (!changes) return std::unexpected(changes.error());
    History history{std::move(changes->added), std::move(changes->expunged)};
    history.touched.add(changes->changed);
    history.touched.remove(history.expunged);
    return history;
}

Result<Changes> changes_since(ReadTransaction const& transaction, MailboxId mailbox, ModSeq since,
                              std::span<Uid const> known) {
    auto changes = changes_since(transaction, mailbox, since);
    if (!changes) return changes;
    auto const record = load_mailbox(transaction, mailbox);
    if (since >= record->mailbox.expunge_floor) return changes;

    // Below the floor `added` is all that is new or changed, and `expunged` all that is not there.
    UidSet knew;
    for (Uid uid : known) knew.add(uid);
    UidSet const touched = changes->added;
    changes->added.remove(knew);
    changes->changed = touched;
    changes->changed.remove(changes->added);
    UidSet present = knew;
    present.remove(changes->expunged);
    knew.remove(present);
    changes->expunged = knew;
    return changes;
}

} // namespace postern::store
