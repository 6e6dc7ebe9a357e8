#include "store/messages.h"

#include "store/keywords.h"
#include "store/new_rows.h"
#include "store/quota.h"
#include "store/rows.h"
#include "store/stubs.h"
#include "store/waiting.h"

#include <algorithm>
#include <concepts>
#include <format>
#include <limits>
#include <map>
#include <utility>

namespace postern::store {

namespace {

std::vector<IndexRow> rows_of(ReadTransaction const& transaction, MailboxId mailbox, UidSet const& uids) {
    std::vector<IndexRow> rows;
    for_each_index(transaction, mailbox, uids, [&](IndexRow const& row) {
        rows.push_back(row);
        return true;
    });
    return rows;
}

UidSet everything() {
    UidSet uids;
    uids.add_range(1, std::numeric_limits<std::uint32_t>::max());
    return uids;
}

// The rows of `source` at the end of `target`, with those of their flags that are in `scope`; the caller sees to the
// references.
Result<Copied> add_copies(WriteTransaction& transaction, Mailbox const& source, std::span<IndexRow const> rows,
                          MailboxRecord& target, FlagScope const& scope, WallTime now) {
    std::vector<IndexRow> copies(rows.begin(), rows.end());
    KeywordsPut put(transaction, target.mailbox);
    for (IndexRow& row : copies) {
        row.flags = row.flags & scope.system;
        auto const bits = put.bits(keyword_names(source, scope.keywords ? row.keywords : 0));
        if (!bits) return std::unexpected(bits.error());
        row.keywords = *bits;
        row.saved = now;
        row.filed = false;
    }
    Copied copied{target.mailbox.uid_validity, {}, {}};
    if (rows.empty()) return copied;
    for (IndexRow const& row : rows) copied.source.add(row.uid);
    copied.destination = add_rows(transaction, target, copies,
                                  [&](std::size_t i) { return load_message(transaction, copies[i].message).size; });
    save_mailbox(transaction, target);
    return copied;
}

// One of the messages that come into a mailbox together.
struct Arrival {
    NewMessage const& message;
    SystemFlags flags;
    std::span<std::string const> keywords;
};

// With those of its flags that are in `scope`.
Arrival make_arrival(Addition const& addition, FlagScope const& scope) {
    return {addition.message, addition.flags & scope.system,
            scope.keywords ? std::span<std::string const>(addition.keywords) : std::span<std::string const>()};
}

// Checks, then puts messages and rows; the caller saves the mailbox. `freed` of the account goes in the same
// change.
Result<std::vector<IndexRow>> add_arrivals(WriteTransaction& transaction, MailboxRecord& record,
                                           std::span<Arrival const> arrivals, Usage freed, Quota const& office,
                                           WallTime now) {
    if (is_waiting(record.mailbox)) return std::unexpected(StoreError::mailbox_protected);
    if (!has_uids(record.mailbox, arrivals.size())) return std::unexpected(StoreError::full);
    std::vector<IndexRow> rows;
    std::uint64_t octets = 0;
    KeywordsPut put(transaction, record.mailbox);
    for (Arrival const& arrival : arrivals) {
        auto const keywords = put.bits(arrival.keywords);
        if (!keywords) return std::unexpected(keywords.error());
        IndexRow row;
        row.flags = arrival.flags;
        row.keywords = *keywords;
        row.saved = now;
        rows.push_back(row);
        octets += arrival.message.size;
    }
    Usage const more{octets - std::min(octets, freed.octets), arrivals.size() - freed.messages};
    if (more != Usage{} && !fits(transaction, record.mailbox.account, more, office))
        return std::unexpected(StoreError::over_quota);
    for (Arrival const& arrival : arrivals)
        if (auto const may = may_make(transaction, arrival.message, 1); !may) return std::unexpected(may.error());

    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].message = make_message(transaction, arrivals[i].message, 1);
    add_rows(transaction, record, rows, [&](std::size_t i) { return arrivals[i].message.size; });
    return rows;
}

AdditionsDone done(Mailbox const& mailbox, std::span<IndexRow const> rows) {
    AdditionsDone done{.uid_validity = mailbox.uid_validity, .uids = {}, .modseq = rows.back().modseq};
    for (IndexRow const& row : rows) done.uids.add(row.uid);
    return done;
}

// Takes these rows away, which is one change of the mailbox; the UIDs that went. Errors: being_sent.
Result<UidSet> remove_and_note(WriteTransaction& transaction, MailboxRecord& record,
                               std::vector<IndexRow> const& rows) {
    Change change;
    if (rows.empty()) return change.expunged;
    if (auto const recalled = recall(transaction, record.mailbox, rows); !recalled)
        return std::unexpected(recalled.error());
    for (IndexRow const& row : rows) change.expunged.add(row.uid);
    remove_rows(transaction, record, rows);
    note_change(transaction, record, change);
    save_mailbox(transaction, record);
    return change.expunged;
}

// As what is copied stands for: of what waits to leave the message itself, without what was said of it.
std::vector<IndexRow> originals(ReadTransaction const& transaction, Mailbox const& source, std::vector<IndexRow> rows) {
    if (is_waiting(source))
        for (IndexRow& row : rows) {
            row.message = original_of(transaction, row.message);
            row.keywords = 0;
        }
    return rows;
}

// A move of what waits to leave, and does not leave then.
Result<Copied> take_out(WriteTransaction& transaction, MailboxId from, UidSet const& uids, MailboxId to,
                        Quota const& office, WallTime now, FlagScope const& scope) {
    auto const copied = copy(transaction, from, uids, to, office, now, scope);
    if (!copied) return copied;
    auto emptied = load_selectable(transaction, from);
    auto const removed = remove_and_note(transaction, *emptied, rows_of(transaction, from, copied->source));
    if (!removed) return std::unexpected(removed.error());
    return copied;
}

} // namespace

Result<Appended> append(WriteTransaction& transaction, NewMessage const& message, Placement const& placement,
                        Quota const& office, WallTime now) {
    auto record = load_selectable(transaction, placement.mailbox);
    if (!record) return std::unexpected(StoreError::no_such_mailbox);
    Arrival const arrival{message, placement.flags, placement.keywords};
    auto const rows = add_arrivals(transaction, *record, {&arrival, 1}, {}, office, now);
    if (!rows) return std::unexpected(rows.error());
    save_mailbox(transaction, *record);
    IndexRow const& row = rows->front();
    return Appended{row.message, record->mailbox.uid_validity, row.uid, row.modseq};
}

Result<AdditionsDone> append(WriteTransaction& transaction, MailboxId mailbox, std::span<Addition const> additions,
                             Quota const& office, WallTime now, FlagScope const& scope) {
    auto record = load_selectable(transaction, mailbox);
    if (!record) return std::unexpected(StoreError::no_such_mailbox);
    std::vector<Arrival> arrivals;
    for (Addition const& addition : additions) arrivals.push_back(make_arrival(addition, scope));
    auto const rows = add_arrivals(transaction, *record, arrivals, {}, office, now);
    if (!rows) return std::unexpected(rows.error());
    save_mailbox(transaction, *record);
    return done(record->mailbox, *rows);
}

Result<FlagsStored> store_flags(WriteTransaction& transaction, MailboxId mailbox, UidSet const& uids,
                                FlagChange const& change) {
    auto record = load_selectable(transaction, mailbox);
    if (!record) return std::unexpected(StoreError::no_such_mailbox);
    FlagScope const& scope = change.scope;
    auto const keywords = !scope.keywords ? Result<std::uint64_t>(0)
                          : change.mode == FlagMode::remove
                              ? keyword_bits(record->mailbox, change.keywords)
                              : KeywordsPut(transaction, record->mailbox).bits(change.keywords);
    if (!keywords) return std::unexpected(keywords.error());

    FlagsStored stored;
    std::vector<IndexRow> rows; // as they will be
    for_each_index(transaction, mailbox, uids, [&](IndexRow const& before) {
        if (change.unchanged_since && before.modseq > *change.unchanged_since) {
            stored.modified.add(before.uid);
            return true;
        }
        IndexRow row = before;
        switch (change.mode) {
        case FlagMode::add:
            row.flags = row.flags | change.flags;
            row.keywords |= *keywords;
            break;
        case FlagMode::remove:
            row.flags = row.flags - change.flags;
            row.keywords &= ~*keywords;
            break;
        case FlagMode::replace:
            row.flags = change.flags;
            row.keywords = *keywords;
            break;
        }
        row.flags = (before.flags - scope.system) | (row.flags & scope.system);
        if (!scope.keywords) row.keywords = before.keywords;
        if (row.flags == before.flags && row.keywords == before.keywords) return true;
        count_out(record->mailbox, before, 0);
        count_in(record->mailbox, row, 0);
        stored.changed.add(row.uid);
        rows.push_back(row);
        return true;
    });
    if (!rows.empty()) {
        note_change(transaction, *record, Change{{}, {}, stored.changed, {}});
        for (IndexRow& row : rows) {
            row.modseq = record->mailbox.highest_modseq;
            put_index(transaction, mailbox, row);
        }
        follow_flags(transaction, record->mailbox, rows);
        follow_stubs(transaction, record->mailbox, rows);
        save_mailbox(transaction, *record);
    }
    stored.modseq = record->mailbox.highest_modseq;
    return stored;
}

Result<UidSet> expunge(WriteTransaction& transaction, MailboxId mailbox, UidSet const* among) {
    auto record = load_selectable(transaction, mailbox);
    if (!record) return std::unexpected(StoreError::no_such_mailbox);
    if (record->mailbox.deleted == 0) return UidSet{};
    std::vector<IndexRow> rows = rows_of(transaction, mailbox, among ? *among : everything());
    std::erase_if(rows, [](IndexRow const& row) { return !row.flags.has(core::SystemFlag::deleted); });
    return remove_and_note(transaction, *record, rows);
}

Result<UidSet> remove(WriteTransaction& transaction, MailboxId mailbox, UidSet const& uids) {
    auto record = load_selectable(transaction, mailbox);
    if (!record) return std::unexpected(StoreError::no_such_mailbox);
    return remove_and_note(transaction, *record, rows_of(transaction, mailbox, uids));
}

Result<Copied> copy(WriteTransaction& transaction, MailboxId from, UidSet const& uids, MailboxId to,
                    Quota const& office, WallTime now, FlagScope const& scope) {
    auto const source = load_selectable(transaction, from);
    auto target = load_selectable(transaction, to);
    if (!source || !target) return std::unexpected(StoreError::no_such_mailbox);
    if (is_waiting(target->mailbox)) return std::unexpected(StoreError::mailbox_protected);
    auto const rows = originals(transaction, source->mailbox, rows_of(transaction, from, uids));
    if (!has_uids(target->mailbox, rows.size())) return std::unexpected(StoreError::full);
    if (!fits(transaction, target->mailbox.account, size_of(transaction, rows), office))
        return std::unexpected(StoreError::over_quota);
    if (!take_room(transaction, rows.size() * 128)) return std::unexpected(StoreError::full); // a row each, no body
    auto const copied = add_copies(transaction, source->mailbox, rows, *target, scope, now);
    if (copied)
        for (IndexRow const& row : rows) refer(transaction, row.message);
    return copied;
}

Result<Copied> move(WriteTransaction& transaction, MailboxId from, UidSet const& uids, MailboxId to,
                    Quota const& office, WallTime now, FlagScope const& scope) {
    auto const source = load_selectable(transaction, from);
    auto target = load_selectable(transaction, to);
    if (!source || !target) return std::unexpected(StoreError::no_such_mailbox);
    if (is_waiting(target->mailbox)) return std::unexpected(StoreError::mailbox_protected);
    if (is_waiting(source->mailbox)) return take_out(transaction, from, uids, to, office, now, scope);
    auto const rows = rows_of(transaction, from, uids);
    if (!has_uids(target->mailbox, rows.size())) return std::unexpected(StoreError::full);
    if (source->mailbox.account != target->mailbox.account &&
        !fits(transaction, target->mailbox.account, size_of(transaction, rows), office))
        return std::unexpected(StoreError::over_quota);
    auto copied = add_copies(transaction, source->mailbox, rows, *target, scope, now);
    if (!copied || rows.empty()) return copied;

    auto emptied = load_selectable(transaction, from); // again: it may be the target
    take_out_rows(transaction, *emptied, rows);        // as many refer to the messages as before
    note_change(transaction, *emptied, Change{{}, {}, {}, copied->source});
    save_mailbox(transaction, *emptied);
    return copied;
}

Result<AdditionsDone> replace(WriteTransaction& transaction, MailboxId from, Uid old, MailboxId to,
                              Addition const& addition, Quota const& office, WallTime now, FlagScope const& scope) {
    auto const source = load_selectable(transaction, from);
    auto const row = source ? get_index(transaction, from, old) : std::nullopt;
    if (!row) return std::unexpected(StoreError::no_such_message);
    auto target = load_selectable(transaction, to);
    if (!target) return std::unexpected(StoreError::no_such_mailbox);
    Arrival const arrival = make_arrival(addition, scope);
    bool const same_account = source->mailbox.account == target->mailbox.account;
    Usage const freed = same_account ? Usage{load_message(transaction, row->message).size, 1} : Usage{};
    auto const rows = add_arrivals(transaction, *target, {&arrival, 1}, freed, office, now);
    if (!rows) return std::unexpected(rows.error());
    save_mailbox(transaction, *target);

    auto emptied = load_selectable(transaction, from); // again: it may be the target
    if (auto const removed = remove_and_note(transaction, *emptied, {*row}); !removed)
        return std::unexpected(removed.error());
    return done(target->mailbox, *rows);
}

std::optional<IndexRow> get_index(ReadTransaction const& transaction, MailboxId mailbox, Uid uid) {
    std::string const key = index_key(mailbox, uid);
    auto const value = get(transaction, Table::mailbox, key);
    if (!value) return std::nullopt;
    return decode_index_row(key, *value);
}

void for_each_index(ReadTransaction const& transaction, MailboxId mailbox, UidSet const& uids,
                    std::function<bool(IndexRow const&)> const& visit) {
    std::string const prefix = mailbox_rows(mailbox, MailboxRow::index);
    Cursor cursor(transaction, Table::mailbox);
    bool there = false;
    std::uint64_t uid = 0; // where the cursor stands
    for (UidSet::Range const& range : uids.ranges()) {
        if (range.last < uid) continue; // nothing between the last range and here
        if (!there || range.first > uid) there = cursor.seek(index_key(mailbox, static_cast<Uid>(range.first)));
        for (;; there = cursor.next()) {
            if (!there || !cursor.key().starts_with(prefix)) return;
            IndexRow const row = decode_index_row(cursor.key(), cursor.value());
            uid = core::number(row.uid);
            if (uid > range.last) break;
            if (!visit(row)) return;
        }
    }
}

UidSet list_uids(ReadTransaction const& transaction, MailboxId mailbox) {
    UidSet uids;
    auto const record = load_mailbox(transaction, mailbox);
    if (!record || record->mailbox.messages == 0) return uids;
    std::string const prefix = mailbox_rows(mailbox, MailboxRow::index);
    Cursor cursor(transaction, Table::mailbox);
    auto const uid = [&]() -> std::uint32_t { // no UID is zero
        return cursor.key().starts_with(prefix) ? u32_at(cursor.key(), prefix.size()).value_or(0) : 0;
    };
    // Where nothing was expunged in between, the first and the last tell all of them.
    std::uint32_t const first = cursor.seek(prefix) ? uid() : 0;
    std::uint32_t const last = cursor.seek(mailbox_key(mailbox)) && cursor.previous() ? uid() : 0;
    if (first != 0 && last != 0 && last - first == record->mailbox.messages - 1) {
        uids.add_range(first, last);
        return uids;
    }
    for (bool there = cursor.seek(prefix); there && uid() != 0; there = cursor.next()) uids.add_range(uid(), uid());
    return uids;
}

std::optional<MessageView> view_message(ReadTransaction const& transaction, MessageId message) {
    auto const value = get(transaction, Table::message, message_key(message, 0));
    if (!value) return std::nullopt;
    return decode_message_row(message, *value);
}

std::optional<Message> get_message(ReadTransaction const& transaction, MessageId message) {
    auto const view = view_message(transaction, message);
    if (!view) return std::nullopt;
    return Message{view->id,
                   view->body,
                   view->size,
                   view->internal_date,
                   std::string(view->envelope),
                   std::string(view->structure),
                   std::string(view->search_texts),
                   std::string(view->thread_keys),
                   std::string(view->signature)};
}

std::vector<std::string> keyword_names(Mailbox const& mailbox, std::uint64_t bits) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < mailbox.keywords.size(); ++i)
        if ((bits >> i & 1) != 0) names.push_back(mailbox.keywords[i]);
    return names;
}

} // namespace postern::store
