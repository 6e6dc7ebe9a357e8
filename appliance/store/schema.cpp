#include "store/schema.h"

#include "core/crypto.h"

namespace postern::store {

namespace {

template <typename Number> void append_number(std::string& key, Number number) {
    for (int shift = static_cast<int>(sizeof(Number)) * 8 - 8; shift >= 0; shift -= 8)
        key.push_back(static_cast<char>(number >> shift & 0xff));
}

template <typename Number> std::optional<Number> big_endian_at(std::string_view key, std::size_t offset) {
    if (key.size() < offset + sizeof(Number)) return std::nullopt;
    Number number = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        number = static_cast<Number>(number << 8 | static_cast<unsigned char>(key[offset + i]));
    return number;
}

} // namespace

std::string_view table_name(Table table) {
    switch (table) {
    case Table::meta: return "meta";
    case Table::account: return "account";
    case Table::name: return "name";
    case Table::subscription: return "subscription";
    case Table::mailbox: return "mailbox";
    case Table::grant: return "grant";
    case Table::message: return "message";
    case Table::reference: return "reference";
    case Table::garbage: return "garbage";
    case Table::queue: return "queue";
    case Table::metadata: return "metadata";
    case Table::alias: return "alias";
    case Table::relay: return "relay";
    case Table::upstream: return "upstream";
    case Table::dns_name: return "dns_name";
    case Table::fetch_source: return "fetch_source";
    case Table::fetched: return "fetched";
    case Table::setting: return "setting";
    case Table::audit: return "audit";
    }
    return "";
}

std::uint64_t came_with(Table table) {
    switch (table) {
    case Table::relay: return 5;
    case Table::fetch_source:
    case Table::fetched: return 6;
    case Table::upstream: return 7;
    case Table::dns_name: return 8;
    case Table::meta:
    case Table::account:
    case Table::name:
    case Table::subscription:
    case Table::mailbox:
    case Table::grant:
    case Table::message:
    case Table::reference:
    case Table::garbage:
    case Table::queue:
    case Table::metadata:
    case Table::alias:
    case Table::setting:
    case Table::audit: break;
    }
    return oldest_schema;
}

void append_big_endian(std::string& key, std::uint32_t number) { append_number(key, number); }
void append_big_endian(std::string& key, std::uint64_t number) { append_number(key, number); }

std::optional<std::uint32_t> u32_at(std::string_view key, std::size_t offset) {
    return big_endian_at<std::uint32_t>(key, offset);
}
std::optional<std::uint64_t> u64_at(std::string_view key, std::size_t offset) {
    return big_endian_at<std::uint64_t>(key, offset);
}

std::string u32_key(std::uint32_t number) {
    std::string key;
    append_big_endian(key, number);
    return key;
}

std::string u64_key(std::uint64_t number) {
    std::string key;
    append_big_endian(key, number);
    return key;
}

std::string name_key(core::AccountId account, std::string_view name) {
    return u32_key(core::number(account)) + core::sha256(name).substr(0, 16);
}

std::string mailbox_rows(core::MailboxId mailbox, MailboxRow row) {
    std::string key = u32_key(core::number(mailbox));
    key.push_back(static_cast<char>(row));
    return key;
}

std::string mailbox_key(core::MailboxId mailbox) { return mailbox_rows(mailbox, MailboxRow::record); }

std::string acl_key(core::MailboxId mailbox) { return mailbox_rows(mailbox, MailboxRow::acl); }

std::string grant_key(core::AccountId who, core::MailboxId mailbox) {
    return u32_key(core::number(who)) + u32_key(core::number(mailbox));
}

std::string index_key(core::MailboxId mailbox, core::Uid uid) {
    std::string key = mailbox_rows(mailbox, MailboxRow::index);
    append_big_endian(key, core::number(uid));
    return key;
}

std::string change_key(core::MailboxId mailbox, core::ModSeq modseq) {
    std::string key = mailbox_rows(mailbox, MailboxRow::change);
    append_big_endian(key, ~core::number(modseq));
    return key;
}

std::string metadata_rows(core::AccountId account, core::MailboxId mailbox) {
    std::string key = u32_key(core::number(account));
    append_big_endian(key, core::number(mailbox));
    return key;
}

std::string fetched_rows(std::string_view source, FetchedRow row) {
    std::string key(source);
    key.push_back('\0');
    key.push_back(static_cast<char>(row));
    return key;
}

std::string stub_key(core::MessageId message) {
    std::string key = fetched_rows("", FetchedRow::stub);
    append_big_endian(key, core::number(message));
    return key;
}

std::string message_key(core::MessageId message, std::uint32_t part) {
    std::string key = u64_key(core::number(message));
    append_big_endian(key, part);
    return key;
}

} // namespace postern::store
