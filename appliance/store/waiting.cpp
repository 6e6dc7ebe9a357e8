#include "store/waiting.h"

#include "store/bodies.h"
#include "store/keywords.h"
#include "store/mailboxes.h"
#include "store/messages.h"
#include "store/queue.h"
#include "store/rows.h"

#include <algorithm>
#include <format>
#include <utility>

namespace postern::store {

namespace {

constexpr std::uint64_t row_room = 4096; // more than what is shown of a message takes beside heading and structure

Heading const* heading_of(std::optional<MessageView> const& message) {
    return message && message->heading ? &*message->heading : nullptr;
}

std::optional<Mailbox> find_waiting(ReadTransaction const& transaction, AccountId account) {
    for (Mailbox& mailbox : list_mailboxes(transaction, account))
        if (is_waiting(mailbox)) return std::move(mailbox);
    return std::nullopt;
}

// A name that is free: somebody may have a mailbox of that name already.
Result<MailboxId> make_waiting(WriteTransaction& transaction, AccountId account, WallTime now) {
    std::string name(waiting_name);
    for (int i = 2; find_name(transaction, account, name); ++i) name = std::format("{} {}", waiting_name, i);
    auto const made = create_mailbox(transaction, account, name, waiting_use, now);
    if (made)
        if (auto const subscribed = subscribe(transaction, account, name, true); !subscribed)
            return std::unexpected(subscribed.error());
    return made;
}

// A heading and what it is before, as one message of which there is one row.
std::optional<MessageId> make_shown(WriteTransaction& transaction, Showing const& showing) {
    auto const original = view_message(transaction, showing.message);
    if (!original) return std::nullopt;
    MessageView view = *original;
    std::string const envelope(view.envelope), search_texts(view.search_texts), thread_keys(view.thread_keys);
    view.id = static_cast<MessageId>(take_number(transaction));
    put_body(transaction, view.id, showing.heading);
    view.references = 1;
    view.size += showing.heading.size();
    view.heading = {showing.message, showing.heading.size()};
    view.envelope = envelope;
    view.structure = showing.structure;
    view.search_texts = search_texts;
    view.thread_keys = thread_keys;
    view.signature = {}; // the heading is to be found as well
    put(transaction, Table::message, message_key(view.id, 0), encode(view));
    refer(transaction, showing.message);
    return view.id;
}

} // namespace

bool is_waiting(Mailbox const& mailbox) { return mailbox.special_use == waiting_use; }

std::optional<WaitingMailbox> waiting_mailbox(ReadTransaction const& transaction, AccountId account) {
    auto const mailbox = find_waiting(transaction, account);
    if (!mailbox) return std::nullopt;
    WaitingMailbox waiting{mailbox->id, {}};
    UidSet all;
    all.add_range(1, 0xffff'ffff);
    for_each_index(transaction, mailbox->id, all, [&](IndexRow const& row) {
        auto const view = view_message(transaction, row.message);
        auto const* heading = heading_of(view);
        if (heading == nullptr) return true;
        auto octets = read_body(transaction, view->body, 0, heading->octets);
        waiting.shown.push_back({row.uid, heading->before, std::move(octets).value_or("")});
        return true;
    });
    return waiting;
}

Result<void> show(WriteTransaction& transaction, AccountId account, std::span<Showing const> showings, WallTime now) {
    std::uint64_t room = 0;
    for (Showing const& showing : showings) room += showing.heading.size() + showing.structure.size() + row_room;
    if (!take_room(transaction, room)) return std::unexpected(StoreError::full);
    auto const found = find_waiting(transaction, account);
    auto const mailbox = found ? Result<MailboxId>(found->id) : make_waiting(transaction, account, now);
    if (!mailbox) return std::unexpected(mailbox.error());
    auto record = load_selectable(transaction, *mailbox);
    if (!record) return std::unexpected(StoreError::no_such_account);

    auto const before = waiting_mailbox(transaction, account)->shown;
    std::vector<IndexRow> gone;
    std::vector<IndexRow> rows;
    KeywordsPut put(transaction, record->mailbox);
    for (Showing const& showing : showings) {
        if (items_of(transaction, showing.message).empty()) continue;
        IndexRow row;
        if (auto const old = std::ranges::find(before, showing.message, &Shown::message); old != before.end()) {
            gone.push_back(*get_index(transaction, *mailbox, old->uid));
            row.flags = gone.back().flags;
        }
        auto const keywords = put.bits(showing.keywords);
        if (!keywords) return std::unexpected(keywords.error());
        auto const message = make_shown(transaction, showing);
        if (!message) continue;
        row.message = *message;
        row.keywords = *keywords;
        row.saved = now;
        rows.push_back(row);
    }
    if (rows.empty() && gone.empty()) return {};
    Change change;
    for (IndexRow const& row : gone) change.expunged.add(row.uid);
    remove_rows(transaction, *record, gone);
    for (IndexRow& row : rows) {
        row.uid = record->mailbox.uid_next;
        record->mailbox.uid_next = core::next(row.uid);
        change.added.add(row.uid);
    }
    note_change(transaction, *record, change);
    for (IndexRow& row : rows) {
        row.modseq = record->mailbox.highest_modseq;
        put_index(transaction, *mailbox, row);
        count_in(record->mailbox, row, load_message(transaction, row.message).size);
    }
    save_mailbox(transaction, *record);
    return {};
}

Result<void> hide(WriteTransaction& transaction, MailboxId mailbox, UidSet const& uids) {
    auto record = load_selectable(transaction, mailbox);
    if (!record) return std::unexpected(StoreError::no_such_mailbox);
    std::vector<IndexRow> gone;
    for_each_index(transaction, mailbox, uids, [&](IndexRow const& row) {
        if (items_of(transaction, original_of(transaction, row.message)).empty()) gone.push_back(row);
        return true;
    });
    if (gone.empty()) return {};
    Change change;
    for (IndexRow const& row : gone) change.expunged.add(row.uid);
    remove_rows(transaction, *record, gone);
    note_change(transaction, *record, change);
    save_mailbox(transaction, *record);
    return {};
}

Result<void> recall(WriteTransaction& transaction, Mailbox const& mailbox, std::span<IndexRow const> rows) {
    if (!is_waiting(mailbox)) return {};
    std::vector<QueueItem> recalled;
    for (IndexRow const& row : rows) {
        auto items = items_of(transaction, original_of(transaction, row.message));
        bool const leaves = items.empty() || std::ranges::contains(items, true, &QueueItem::under_way);
        if (leaves) return std::unexpected(StoreError::being_sent);
        std::ranges::move(items, std::back_inserter(recalled));
    }
    for (QueueItem const& item : recalled) (void)remove_queue_item(transaction, item.id);
    if (!recalled.empty()) transaction.pending().queue.changed = true;
    return {};
}

void follow_flags(WriteTransaction& transaction, Mailbox const& mailbox, std::span<IndexRow const> rows) {
    if (!is_waiting(mailbox)) return;
    for (IndexRow const& row : rows)
        for (QueueItem& item : items_of(transaction, original_of(transaction, row.message))) {
            item.flagged = row.flags.has(core::SystemFlag::flagged);
            item.withdrawn = row.flags.has(core::SystemFlag::deleted);
            (void)save_queue_item(transaction, item);
            transaction.pending().queue.changed = true;
        }
}

MessageId original_of(ReadTransaction const& transaction, MessageId message) {
    auto const view = view_message(transaction, message);
    auto const* heading = heading_of(view);
    return heading == nullptr ? message : heading->before;
}

} // namespace postern::store
