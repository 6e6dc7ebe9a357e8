#include "store/rows.h"

#include "store/changes.h"
#include "store/stubs.h"
#include "store/waiting.h"

#include <algorithm>
#include <format>
#include <utility>

namespace postern::store {

using core::number;

bool is_given_name(std::string_view name) {
    constexpr std::size_t longest = 64;
    return !name.empty() && name.size() <= longest && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

std::optional<AccountRecord> load_account(ReadTransaction const& transaction, AccountId account) {
    auto const value = get(transaction, Table::account, u32_key(number(account)));
    if (!value) return std::nullopt;
    auto record = decode_account(account, *value);
    if (!record) damaged(std::format("account {}", number(account)));
    return record;
}

void save_account(WriteTransaction& transaction, AccountRecord const& record) {
    put(transaction, Table::account, u32_key(number(record.account.id)), encode(record));
}

std::optional<std::uint32_t> find_name(ReadTransaction const& transaction, AccountId account, std::string_view name) {
    auto const value = get(transaction, Table::name, name_key(account, name));
    if (!value) return std::nullopt;
    auto const row = decode_name(*value);
    if (!row) damaged(std::format("a name of account {}", number(account)));
    return row->id;
}

void put_name(WriteTransaction& transaction, AccountId account, std::string_view name, std::uint32_t id) {
    put(transaction, Table::name, name_key(account, name), encode(NameRow{id, std::string(name)}));
}

std::vector<NameRow> list_names(ReadTransaction const& transaction, AccountId account) {
    std::vector<NameRow> names;
    for_each_row(transaction, Table::name, u32_key(number(account)), [&](std::string_view, std::string_view value) {
        auto row = decode_name(value);
        if (!row) damaged(std::format("a name of account {}", number(account)));
        names.push_back(std::move(*row));
        return true;
    });
    return names;
}

void note_listing(WriteTransaction& transaction, AccountId account) {
    transaction.pending().touched_accounts[account].listing = true;
}

namespace {

// A damaged list names nobody: it keeps no mail out.
Acl sharers_of(ReadTransaction const& transaction, MailboxId mailbox) {
    auto const value = get(transaction, Table::mailbox, acl_key(mailbox));
    auto acl = value ? decode_acl(*value) : std::nullopt;
    return std::move(acl).value_or(Acl());
}

} // namespace

void note_listing(WriteTransaction& transaction, Mailbox const& mailbox) {
    note_listing(transaction, mailbox.account);
    for (AclEntry const& entry : sharers_of(transaction, mailbox.id)) note_listing(transaction, entry.who);
}

std::optional<MailboxRecord> load_mailbox(ReadTransaction const& transaction, MailboxId mailbox) {
    auto const value = get(transaction, Table::mailbox, mailbox_key(mailbox));
    if (!value) return std::nullopt;
    auto record = decode_mailbox(mailbox, *value);
    if (!record) damaged(std::format("mailbox {}", number(mailbox)));
    return record;
}

std::optional<MailboxRecord> load_selectable(ReadTransaction const& transaction, MailboxId mailbox) {
    auto record = load_mailbox(transaction, mailbox);
    if (record && !record->mailbox.selectable) record.reset();
    return record;
}

// What is remembered of the account follows the mailbox from the record that is there to what it comes to.
static void follow_usage(WriteTransaction& transaction, Mailbox const& of, Usage after) {
    if (is_waiting(of)) return;
    auto& usage = transaction.snapshot().usage_of(of.account);
    if (!usage) return;
    auto const before = load_mailbox(transaction, of.id);
    usage->octets += after.octets - (before ? before->mailbox.octets : 0);
    usage->messages += after.messages - (before ? before->mailbox.messages : 0);
}

void save_mailbox(WriteTransaction& transaction, MailboxRecord& record) {
    Mailbox& mailbox = record.mailbox;
    follow_usage(transaction, mailbox, {mailbox.octets, mailbox.messages});
    mailbox.first_recent = std::max(mailbox.first_recent, transaction.pending().claimed_recent(mailbox.id));
    put(transaction, Table::mailbox, mailbox_key(mailbox.id), encode(record));
    transaction.pending().touched[mailbox.id] = {mailbox.uid_validity, mailbox.highest_modseq};
    auto& accounts = transaction.pending().touched_accounts;
    // Once a commit: whom a list names since then is to look at all anyway (save_acl).
    if (!accounts[mailbox.account].mailboxes.insert(mailbox.id).second) return;
    for (AclEntry const& entry : sharers_of(transaction, mailbox.id)) accounts[entry.who].mailboxes.insert(mailbox.id);
}

void erase_mailbox(WriteTransaction& transaction, Mailbox const& mailbox) {
    follow_usage(transaction, mailbox, {});
    erase_rows(transaction, Table::mailbox, u32_key(number(mailbox.id)));
    transaction.pending().touched[mailbox.id] = {};
}

MailboxId make_mailbox(WriteTransaction& transaction, AccountId account, std::string_view name,
                       std::string_view special_use, WallTime now) {
    auto const id = static_cast<std::uint32_t>(get_number(transaction, meta_last_mailbox) + 1);
    put_number(transaction, meta_last_mailbox, id);
    MailboxRecord record;
    record.mailbox.account = account;
    record.mailbox.id = static_cast<MailboxId>(id);
    record.mailbox.name = name;
    record.mailbox.uid_validity = take_uid_validity(transaction, now);
    record.mailbox.special_use = special_use;
    record.mailbox.created = now;
    save_mailbox(transaction, record);
    put_name(transaction, account, name, id);
    note_listing(transaction, account);
    return record.mailbox.id;
}

UidValidity take_uid_validity(WriteTransaction& transaction, WallTime now) {
    // The time, as most servers do, so that a store that is made anew does not repeat what a lost one gave out; but
    // never back, whatever the clock does.
    auto const seconds = std::clamp<std::int64_t>(now.time_since_epoch().count(), 1, 0xffff'ffff);
    auto const value =
        std::max(static_cast<std::uint64_t>(seconds), get_number(transaction, meta_last_uid_validity) + 1);
    if (value > 0xffff'ffff) throw Failure(StoreError::failed, "UIDVALIDITY has come to its end");
    put_number(transaction, meta_last_uid_validity, value);
    return static_cast<UidValidity>(value);
}

void note_change(WriteTransaction& transaction, MailboxRecord& record, Change const& change) {
    Mailbox& mailbox = record.mailbox;
    mailbox.highest_modseq = core::next(mailbox.highest_modseq);
    put(transaction, Table::mailbox, change_key(mailbox.id, mailbox.highest_modseq), encode(change));
    if (++record.change_rows <= max_change_rows) return;

    // Many at once, since the oldest row lies on another page than the newest.
    std::vector<std::string> keys;
    for_each_row(transaction, Table::mailbox, mailbox_rows(mailbox.id, MailboxRow::change),
                 [&](std::string_view key, std::string_view) {
                     keys.emplace_back(key);
                     return true;
                 });
    std::size_t const kept = max_change_rows / 2; // the newest, which come first
    for (std::size_t i = kept; i < keys.size(); ++i) erase(transaction, Table::mailbox, keys[i]);
    if (auto const complement = u64_at(keys[kept], keys[kept].size() - 8))
        mailbox.expunge_floor = static_cast<ModSeq>(~*complement);
    record.change_rows = static_cast<std::uint32_t>(std::min(keys.size(), kept));
}

void put_index(WriteTransaction& transaction, MailboxId mailbox, IndexRow const& row) {
    put(transaction, Table::mailbox, index_key(mailbox, row.uid), encode(row));
}

IndexRow decode_index_row(std::string_view key, std::string_view value) {
    auto const mailbox = u32_at(key, 0);
    auto const uid = u32_at(key, 5);
    auto const row = uid && key.size() == 9 ? decode_index(static_cast<Uid>(*uid), value) : std::nullopt;
    if (!row) damaged(std::format("mailbox {} UID {}", mailbox.value_or(0), uid.value_or(0)));
    return *row;
}

void count_in(Mailbox& mailbox, IndexRow const& row, std::uint64_t size) {
    mailbox.messages += 1;
    mailbox.unseen += row.flags.has(core::SystemFlag::seen) ? 0 : 1;
    mailbox.deleted += row.flags.has(core::SystemFlag::deleted) ? 1 : 0;
    mailbox.octets += size;
}

void count_out(Mailbox& mailbox, IndexRow const& row, std::uint64_t size) {
    mailbox.messages -= 1;
    mailbox.unseen -= row.flags.has(core::SystemFlag::seen) ? 0 : 1;
    mailbox.deleted -= row.flags.has(core::SystemFlag::deleted) ? 1 : 0;
    mailbox.octets -= size;
}

void take_out_rows(WriteTransaction& transaction, MailboxRecord& record, std::span<IndexRow const> rows) {
    for (IndexRow const& row : rows) {
        count_out(record.mailbox, row, load_message(transaction, row.message).size);
        erase(transaction, Table::mailbox, index_key(record.mailbox.id, row.uid));
    }
    leave_stubs(transaction, record.mailbox.id, rows);
}

void remove_rows(WriteTransaction& transaction, MailboxRecord& record, std::span<IndexRow const> rows) {
    take_out_rows(transaction, record, rows);
    for (IndexRow const& row : rows) release(transaction, row.message);
}

MessageView decode_message_row(MessageId message, std::string_view value) {
    auto const view = decode_message(message, value);
    if (!view) damaged(std::format("message {}", number(message)));
    return *view;
}

MessageView load_message(ReadTransaction const& transaction, MessageId message) {
    auto const view = view_message(transaction, message);
    if (!view) damaged(std::format("message {}", number(message)));
    return *view;
}

std::uint32_t count_references(ReadTransaction const& transaction, MessageView const& message) {
    auto const value = get(transaction, Table::reference, u64_key(number(message.id)));
    if (!value) return message.references;
    auto const reference = decode_reference(*value);
    if (!reference) damaged(std::format("message {}", number(message.id)));
    return reference->count;
}

void refer(WriteTransaction& transaction, MessageId message) {
    auto const count = count_references(transaction, load_message(transaction, message));
    put(transaction, Table::reference, u64_key(number(message)), encode(Reference{count + 1}));
}

void release(WriteTransaction& transaction, MessageId message) {
    MessageView const view = load_message(transaction, message);
    std::string const key = u64_key(number(message));
    auto const left = count_references(transaction, view) - 1;
    if (left != 0 && left != view.references) {
        put(transaction, Table::reference, key, encode(Reference{left}));
        return;
    }
    if (left == 0) {
        put(transaction, Table::garbage, key, encode(Garbage{GarbageState::dead, view.size}));
        transaction.pending().garbage = true;
    }
    erase(transaction, Table::reference, key);
}

std::optional<Garbage> load_garbage(ReadTransaction const& transaction, MessageId message) {
    auto const value = get(transaction, Table::garbage, u64_key(number(message)));
    if (!value) return std::nullopt;
    auto const garbage = decode_garbage(*value);
    if (!garbage) damaged(std::format("garbage {}", number(message)));
    return garbage;
}

} // namespace postern::store
