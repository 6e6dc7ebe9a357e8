#include "store/metadata.h"

#include "store/rows.h"
#include "store/waiting.h"
#include "text/ascii.h"

#include <algorithm>
#include <format>
#include <map>

namespace postern::store {

namespace {

constexpr std::string_view private_prefix = "/private";
constexpr std::uint64_t entry_room = 512; // more than an entry's row takes besides its value

bool is_private(std::string_view name) { return text::istarts_with(name, private_prefix); }

// What the keys of these entries begin with; private ones are the reader's.
std::string entries_key(Annotated const& annotated, bool of_reader) {
    bool const is_server = annotated.mailbox == nullptr;
    AccountId const shared = is_server ? nobody : annotated.mailbox->account;
    return metadata_rows(of_reader ? annotated.reader : shared, is_server ? server : annotated.mailbox->id);
}

std::string entry_key(Annotated const& annotated, std::string_view name) {
    return entries_key(annotated, is_private(name)) + text::lower(name);
}

Entry decode_entry_row(std::string_view key, std::string_view value) {
    auto entry = decode_entry(value);
    if (!entry) damaged(std::format("an annotation of account {}", u32_at(key, 0).value_or(0)));
    return std::move(*entry);
}

// "/a/b" below "/a".
bool is_within(std::string_view name, std::string_view above, Depth depth) {
    if (name.size() == above.size()) return true;
    if (depth == Depth::zero || name[above.size()] != '/') return false;
    return depth == Depth::infinity || !name.substr(above.size() + 1).contains('/');
}

bool has_special_use(Annotated const& annotated) {
    return annotated.mailbox != nullptr && annotated.mailbox->account == annotated.reader &&
           !annotated.mailbox->special_use.empty() && !is_waiting(*annotated.mailbox);
}

// Keys of a mailbox's entries, whoever's they are.
std::vector<std::string> keys_of(ReadTransaction const& transaction, MailboxId mailbox) {
    std::vector<std::string> keys;
    Cursor cursor(transaction, Table::metadata);
    for (bool there = cursor.seek(""); there;) {
        AccountId const account{u32_at(cursor.key(), 0).value_or(0)};
        std::string const prefix = metadata_rows(account, mailbox);
        for (there = cursor.seek(prefix); there && cursor.key().starts_with(prefix); there = cursor.next())
            keys.emplace_back(cursor.key());
        there = core::number(account) != 0xffff'ffff && cursor.seek(u32_key(core::number(account) + 1));
    }
    return keys;
}

} // namespace

std::vector<Entry> find_entries(ReadTransaction const& transaction, Annotated const& annotated, std::string_view name,
                                Depth depth) {
    std::vector<Entry> entries;
    if (name.size() > max_entry_name_octets) return entries;
    std::string const first = entry_key(annotated, name);
    if (depth == Depth::zero) {
        if (auto const value = get(transaction, Table::metadata, first))
            entries.push_back(decode_entry_row(first, *value));
    } else {
        for_each_row(transaction, Table::metadata, first, [&](std::string_view key, std::string_view value) {
            if (is_within(key, first, depth)) entries.push_back(decode_entry_row(key, value));
            return true;
        });
    }
    std::string const wanted = text::lower(name);
    if (has_special_use(annotated) && special_use_entry.starts_with(wanted) &&
        is_within(special_use_entry, wanted, depth))
        entries.push_back({std::string(special_use_entry), annotated.mailbox->special_use});
    return entries;
}

Result<void> set_entries(WriteTransaction& transaction, Annotated const& annotated,
                         std::span<EntryChange const> changes) {
    for (bool const of_reader : {false, true}) {
        std::map<std::string, EntryChange const*> wanted; // by key: the last of a name counts
        std::uint64_t added = 0;
        for (EntryChange const& change : changes) {
            if (is_private(change.name) != of_reader) continue;
            if (change.name.size() > max_entry_name_octets || (change.value && change.value->size() > max_entry_octets))
                return std::unexpected(StoreError::name_invalid);
            wanted[entry_key(annotated, change.name)] = &change;
            added += change.value ? change.value->size() + entry_room : 0;
        }
        if (wanted.empty()) continue;
        if (added > 0) {
            // With all that the account has and that stays as it is.
            std::size_t count = 0;
            std::uint64_t octets = 0;
            std::string const all = entries_key(annotated, of_reader).substr(0, 4);
            for_each_row(transaction, Table::metadata, all, [&](std::string_view key, std::string_view value) {
                if (wanted.contains(std::string(key))) return true;
                ++count;
                octets += value.size();
                return true;
            });
            for (auto const& [_, change] : wanted) {
                if (!change->value) continue;
                ++count;
                octets += change->name.size() + change->value->size();
            }
            if (count > max_entries || octets > max_entries_octets) return std::unexpected(StoreError::over_quota);
            if (!take_room(transaction, added)) return std::unexpected(StoreError::full);
        }
        for (auto const& [key, change] : wanted) {
            if (change->value)
                put(transaction, Table::metadata, key, encode(Entry{change->name, *change->value}));
            else
                erase(transaction, Table::metadata, key);
        }
    }
    return {};
}

void copy_entries(WriteTransaction& transaction, MailboxId from, MailboxId to) {
    for (std::string const& key : keys_of(transaction, from)) {
        std::string const value(get(transaction, Table::metadata, key).value());
        AccountId const account{u32_at(key, 0).value_or(0)};
        put(transaction, Table::metadata, metadata_rows(account, to) + key.substr(8), value);
    }
}

void erase_entries(WriteTransaction& transaction, MailboxId mailbox) {
    for (std::string const& key : keys_of(transaction, mailbox)) erase(transaction, Table::metadata, key);
}

void erase_entries(WriteTransaction& transaction, AccountId account) {
    erase_rows(transaction, Table::metadata, u32_key(core::number(account)));
}

} // namespace postern::store
