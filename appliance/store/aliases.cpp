#include "store/aliases.h"

#include "store/rows.h"

#include <algorithm>
#include <format>
#include <utility>

namespace postern::store {

namespace {

bool is_alias_key(std::string_view address) { return !address.empty() && address.size() <= max_address_octets; }

Alias decode_alias_row(std::string_view address, std::string_view value) {
    auto alias = decode_alias(address, value);
    if (!alias) damaged(std::format("alias {}", address));
    return std::move(*alias);
}

} // namespace

Result<void> set_alias(WriteTransaction& transaction, Alias const& alias) {
    auto const targets = alias.targets.size() + alias.mailboxes.size();
    if (!is_alias_key(alias.address) || targets == 0 || targets > max_alias_targets)
        return std::unexpected(StoreError::name_invalid);
    for (MailboxId const id : alias.mailboxes) {
        auto const mailbox = load_selectable(transaction, id);
        if (!mailbox || mailbox->mailbox.account != the_office) return std::unexpected(StoreError::no_such_mailbox);
    }
    std::string const value = encode(alias);
    if (!take_room(transaction, value.size())) return std::unexpected(StoreError::full);
    put(transaction, Table::alias, alias.address, value);
    return {};
}

Result<void> remove_alias(WriteTransaction& transaction, std::string_view address) {
    if (!is_alias_key(address) || !erase(transaction, Table::alias, address))
        return std::unexpected(StoreError::no_such_alias);
    return {};
}

std::optional<Alias> find_alias(ReadTransaction const& transaction, std::string_view address) {
    auto const value = is_alias_key(address) ? get(transaction, Table::alias, address) : std::nullopt;
    if (!value) return std::nullopt;
    return decode_alias_row(address, *value);
}

std::vector<Alias> list_aliases(ReadTransaction const& transaction) {
    std::vector<Alias> aliases;
    for_each_row(transaction, Table::alias, "", [&](std::string_view key, std::string_view value) {
        aliases.push_back(decode_alias_row(key, value));
        return true;
    });
    return aliases;
}

std::vector<std::string> aliases_to(ReadTransaction const& transaction, MailboxId mailbox) {
    std::vector<std::string> addresses;
    for (Alias& alias : list_aliases(transaction))
        if (std::ranges::contains(alias.mailboxes, mailbox)) addresses.push_back(std::move(alias.address));
    return addresses;
}

} // namespace postern::store
