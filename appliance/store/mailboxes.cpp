#include "store/mailboxes.h"

#include "store/acl.h"
#include "store/aliases.h"
#include "store/messages.h"
#include "store/metadata.h"
#include "store/rows.h"
#include "store/waiting.h"
#include "text/ascii.h"
#include "text/normal_form.h"
#include "text/utf8.h"

#include <algorithm>
#include <format>
#include <utility>

namespace postern::store {

namespace {

constexpr std::string_view inbox = "INBOX";
constexpr std::uint64_t mailbox_octets = 16 * 1024; // more than a new mailbox takes

// RFC 5198 §2: neither C0 nor C1 controls, nor the line and paragraph separators U+2028 and U+2029. `name` is UTF-8.
bool has_control(std::string_view name) {
    for (std::size_t i = 0; i < name.size(); ++i) {
        auto const octet = static_cast<unsigned char>(name[i]);
        if (octet < 0x20 || octet == 0x7f) return true;
        if (octet == 0xc2 && static_cast<unsigned char>(name[i + 1]) < 0xa0) return true;
        if (name.substr(i, 3) == "\u2028" || name.substr(i, 3) == "\u2029") return true;
    }
    return false;
}

// "a", "a/b" of "a/b/c".
std::vector<std::string_view> parents_of(std::string_view name) {
    std::vector<std::string_view> parents;
    for (auto at = name.find('/'); at != std::string_view::npos; at = name.find('/', at + 1))
        parents.push_back(name.substr(0, at));
    return parents;
}

bool is_below(std::string_view name, std::string_view parent) {
    return name.size() > parent.size() && name.starts_with(parent) && name[parent.size()] == '/';
}

// RFC 4314 §4: what others may do with the mailbox above it, they may do with a new one.
void inherit_acl(WriteTransaction& transaction, AccountId account, std::string_view name, MailboxId mailbox) {
    auto const slash = name.rfind('/');
    if (slash == std::string_view::npos) return;
    if (auto const parent = find_name(transaction, account, name.substr(0, slash)))
        save_acl(transaction, mailbox, get_acl(transaction, static_cast<MailboxId>(*parent)));
}

MailboxId make_below_parent(WriteTransaction& transaction, AccountId account, std::string_view name,
                            std::string_view special_use, WallTime now) {
    MailboxId const id = make_mailbox(transaction, account, name, special_use, now);
    inherit_acl(transaction, account, name, id);
    return id;
}

// Makes what is missing of `name`'s parents, where the account stays below its limit of mailboxes with `more` others.
Result<void> make_parents(WriteTransaction& transaction, AccountId account, std::string_view name, std::size_t more,
                          WallTime now) {
    std::vector<std::string_view> missing = parents_of(name);
    std::erase_if(missing, [&](std::string_view parent) { return find_name(transaction, account, parent); });
    std::size_t const makes = missing.size() + more;
    if (makes > 0 && list_names(transaction, account).size() + makes > max_mailboxes)
        return std::unexpected(StoreError::over_quota);
    if (!take_room(transaction, makes * mailbox_octets)) return std::unexpected(StoreError::full);
    for (std::string_view parent : missing) make_below_parent(transaction, account, parent, "", now);
    return {};
}

// Every message goes, with a change that says so.
void empty_mailbox(WriteTransaction& transaction, MailboxRecord& record) {
    std::vector<IndexRow> rows;
    Change change;
    for_each_row(transaction, Table::mailbox, mailbox_rows(record.mailbox.id, MailboxRow::index),
                 [&](std::string_view key, std::string_view value) {
                     rows.push_back(decode_index_row(key, value));
                     change.expunged.add(rows.back().uid);
                     return true;
                 });
    remove_rows(transaction, record, rows);
    if (!rows.empty()) note_change(transaction, record, change);
}

bool owns_mailboxes(ReadTransaction const& transaction, AccountId account) {
    return account == the_office || load_account(transaction, account);
}

// The highest UIDVALIDITY of a mailbox that left a name of this account.
UidValidity last_vacated(ReadTransaction const& transaction, AccountId account) {
    if (account == the_office) return static_cast<UidValidity>(get_number(transaction, meta_office_vacated));
    auto const record = load_account(transaction, account);
    if (!record) damaged(std::format("account {}", core::number(account)));
    return record->vacated;
}

// Remembers that this UIDVALIDITY's mailbox left its name.
void vacate(WriteTransaction& transaction, AccountId account, UidValidity uid_validity) {
    if (last_vacated(transaction, account) >= uid_validity) return;
    if (account == the_office) return put_number(transaction, meta_office_vacated, core::number(uid_validity));
    auto record = load_account(transaction, account);
    record->vacated = uid_validity;
    save_account(transaction, *record);
}

Result<void> rename_inbox(WriteTransaction& transaction, AccountId account, MailboxId from, std::string_view to,
                          WallTime now) {
    auto const made = create_mailbox(transaction, account, to, "", now);
    if (!made) return std::unexpected(made.error());
    UidSet all;
    all.add_range(1, 0xffff'ffff);
    auto const moved = move(transaction, from, all, *made, {}, now);
    if (!moved) return std::unexpected(moved.error());
    copy_entries(transaction, from, *made);
    return {};
}

} // namespace

Result<std::string> canonical_name(std::string_view name) {
    if (name.size() > max_name_octets || !text::is_utf8(name) || has_control(name))
        return std::unexpected(StoreError::name_invalid);
    std::string canonical = text::to_form_c(name);
    if (canonical.size() > max_name_octets) return std::unexpected(StoreError::name_invalid);
    for (std::string_view rest = canonical;;) {
        auto const level = rest.substr(0, rest.find('/'));
        if (level.empty() || level.size() > max_level_octets) return std::unexpected(StoreError::name_invalid);
        if (level.size() == rest.size()) break;
        rest.remove_prefix(level.size() + 1);
    }
    if (text::iequals(std::string_view(canonical).substr(0, canonical.find('/')), inbox))
        canonical.replace(0, inbox.size(), inbox);
    return canonical;
}

void remove_mailbox(WriteTransaction& transaction, MailboxId mailbox) {
    auto record = load_mailbox(transaction, mailbox);
    if (!record) damaged(std::format("mailbox {}", core::number(mailbox)));
    empty_mailbox(transaction, *record);
    save_acl(transaction, mailbox, {});
    erase_entries(transaction, mailbox);
    erase_mailbox(transaction, record->mailbox);
    note_listing(transaction, record->mailbox.account);
}

Result<MailboxId> create_mailbox(WriteTransaction& transaction, AccountId account, std::string_view name,
                                 std::string_view special_use, WallTime now) {
    if (name.ends_with('/')) name.remove_suffix(1); // RFC 3501 §6.3.3: it only says that children will follow
    auto const canonical = canonical_name(name);
    if (!canonical) return std::unexpected(canonical.error());
    if (!owns_mailboxes(transaction, account)) return std::unexpected(StoreError::no_such_account);
    if (auto const there = find_name(transaction, account, *canonical)) {
        auto record = load_mailbox(transaction, static_cast<MailboxId>(*there));
        if (!record) damaged(std::format("mailbox {}", *there));
        if (record->mailbox.selectable) return std::unexpected(StoreError::mailbox_exists);
        record->mailbox.selectable = true;
        record->mailbox.uid_validity = take_uid_validity(transaction, now);
        record->mailbox.special_use = special_use;
        save_mailbox(transaction, *record);
        note_listing(transaction, account);
        inherit_acl(transaction, account, *canonical, record->mailbox.id);
        return record->mailbox.id;
    }
    if (auto const made = make_parents(transaction, account, *canonical, 1, now); !made)
        return std::unexpected(made.error());
    return make_below_parent(transaction, account, *canonical, special_use, now);
}

Result<void> delete_mailbox(WriteTransaction& transaction, AccountId account, std::string_view name) {
    auto const mailbox = find_mailbox(transaction, account, name);
    if (!mailbox) return std::unexpected(StoreError::no_such_mailbox);
    if (mailbox->name == inbox || is_waiting(*mailbox)) return std::unexpected(StoreError::mailbox_protected);
    if (account == the_office && !aliases_to(transaction, mailbox->id).empty())
        return std::unexpected(StoreError::mailbox_has_address);
    bool const has_children = std::ranges::any_of(
        list_names(transaction, account), [&](NameRow const& other) { return is_below(other.name, mailbox->name); });
    if (!has_children) {
        vacate(transaction, account, mailbox->uid_validity);
        remove_mailbox(transaction, mailbox->id);
        erase(transaction, Table::name, name_key(account, mailbox->name));
        return {};
    }
    if (!mailbox->selectable) return std::unexpected(StoreError::mailbox_has_children);
    auto record = load_mailbox(transaction, mailbox->id);
    empty_mailbox(transaction, *record);
    save_acl(transaction, mailbox->id, {});
    erase_entries(transaction, mailbox->id);
    record->mailbox.selectable = false;
    record->mailbox.special_use.clear();
    save_mailbox(transaction, *record);
    note_listing(transaction, account);
    return {};
}

Result<void> rename_mailbox(WriteTransaction& transaction, AccountId account, std::string_view from,
                            std::string_view to, WallTime now) {
    if (to.ends_with('/')) to.remove_suffix(1);
    auto const mailbox = find_mailbox(transaction, account, from);
    if (!mailbox) return std::unexpected(StoreError::no_such_mailbox);
    auto const target = canonical_name(to);
    if (!target) return std::unexpected(target.error());
    if (is_waiting(*mailbox)) return std::unexpected(StoreError::mailbox_protected);
    if (find_name(transaction, account, *target)) return std::unexpected(StoreError::mailbox_exists);
    if (mailbox->name == inbox) return rename_inbox(transaction, account, mailbox->id, *target, now);
    if (is_below(*target, mailbox->name)) return std::unexpected(StoreError::name_invalid);

    struct Renaming {
        MailboxId id;
        std::string before;
        std::string after;
    };
    std::vector<Renaming> renamings;
    for (NameRow& row : list_names(transaction, account)) {
        if (row.name != mailbox->name && !is_below(row.name, mailbox->name)) continue;
        std::string after = *target + row.name.substr(mailbox->name.size());
        if (after.size() > max_name_octets) return std::unexpected(StoreError::name_invalid);
        renamings.push_back({static_cast<MailboxId>(row.id), std::move(row.name), std::move(after)});
    }
    if (auto const made = make_parents(transaction, account, *target, 0, now); !made)
        return std::unexpected(made.error());

    UidValidity const vacated = last_vacated(transaction, account); // before this
    for (auto const& [id, before, after] : renamings) {
        auto record = load_mailbox(transaction, id);
        if (!record) damaged(std::format("mailbox {}", core::number(id)));
        vacate(transaction, account, record->mailbox.uid_validity);
        if (record->mailbox.uid_validity < vacated) record->mailbox.uid_validity = take_uid_validity(transaction, now);
        record->mailbox.name = after;
        save_mailbox(transaction, *record);
        erase(transaction, Table::name, name_key(account, before));
        put_name(transaction, account, after, core::number(id));
        note_listing(transaction, record->mailbox);
    }
    return {};
}

Result<std::optional<std::string>> set_special_use(WriteTransaction& transaction, MailboxId mailbox,
                                                   std::string_view special_use) {
    auto record = load_selectable(transaction, mailbox);
    if (!record) return std::unexpected(StoreError::no_such_mailbox);
    if (is_waiting(record->mailbox)) return std::unexpected(StoreError::mailbox_protected);
    std::optional<std::string> before;
    if (!special_use.empty())
        for (Mailbox const& other : list_mailboxes(transaction, record->mailbox.account)) {
            if (other.id == mailbox || other.special_use != special_use) continue;
            auto loser = load_mailbox(transaction, other.id);
            loser->mailbox.special_use.clear();
            save_mailbox(transaction, *loser);
            before = other.name;
        }
    record->mailbox.special_use = special_use;
    save_mailbox(transaction, *record);
    return before;
}

Result<void> subscribe(WriteTransaction& transaction, AccountId account, std::string_view name, bool subscribed) {
    if (name.ends_with('/')) name.remove_suffix(1);
    auto const canonical = canonical_name(name);
    if (!canonical) return std::unexpected(canonical.error());
    if (!load_account(transaction, account)) return std::unexpected(StoreError::no_such_account);
    std::string const key = name_key(account, *canonical);
    if (!subscribed) {
        bool const was = erase(transaction, Table::subscription, key);
        bool const was_as_given = erase(transaction, Table::subscription, name_key(account, name)); // find_mailbox
        if (was || was_as_given) note_listing(transaction, account);
    } else if (!get(transaction, Table::subscription, key)) {
        if (list_subscriptions(transaction, account).size() >= max_subscriptions)
            return std::unexpected(StoreError::over_quota);
        put(transaction, Table::subscription, key, encode_text(*canonical));
        note_listing(transaction, account);
    }
    return {};
}

std::optional<Mailbox> find_mailbox(ReadTransaction const& transaction, AccountId account, std::string_view name) {
    auto const canonical = canonical_name(name);
    if (!canonical) return std::nullopt;
    // Names of before this demanded form C are found as they were given.
    auto id = find_name(transaction, account, name);
    if (!id && *canonical != name) id = find_name(transaction, account, *canonical);
    return id ? get_mailbox(transaction, static_cast<MailboxId>(*id)) : std::nullopt;
}

std::optional<Mailbox> get_mailbox(ReadTransaction const& transaction, MailboxId mailbox) {
    auto record = load_mailbox(transaction, mailbox);
    if (!record) return std::nullopt;
    return std::move(record->mailbox);
}

std::vector<Mailbox> list_mailboxes(ReadTransaction const& transaction, AccountId account) {
    std::vector<Mailbox> mailboxes;
    for (NameRow const& row : list_names(transaction, account)) {
        auto record = load_mailbox(transaction, static_cast<MailboxId>(row.id));
        if (!record) damaged(std::format("mailbox {}", row.id));
        mailboxes.push_back(std::move(record->mailbox));
    }
    std::ranges::sort(mailboxes, {}, &Mailbox::name);
    return mailboxes;
}

std::vector<std::string> list_subscriptions(ReadTransaction const& transaction, AccountId account) {
    std::vector<std::string> names;
    for_each_row(transaction, Table::subscription, u32_key(core::number(account)),
                 [&](std::string_view, std::string_view value) {
                     auto name = decode_text(value);
                     if (!name) damaged(std::format("a subscription of account {}", core::number(account)));
                     names.push_back(std::move(*name));
                     return true;
                 });
    std::ranges::sort(names);
    return names;
}

} // namespace postern::store
