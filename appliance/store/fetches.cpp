#include "store/fetches.h"

#include "store/rows.h"
#include "store/stubs.h"

#include <format>
#include <utility>

namespace postern::store {

namespace {

FetchSource decode_source_row(std::string_view key, std::string_view value) {
    auto source = decode_fetch_source(key, value);
    if (!source) damaged(std::format("fetch source {}", key));
    return std::move(*source);
}

Fetched decode_fetched_row(std::string_view source, std::string_view id, std::string_view value) {
    auto fetched = decode_fetched(id, value);
    if (!fetched) damaged(std::format("fetch source {}: a message that was taken", source));
    return std::move(*fetched);
}

} // namespace

Result<void> set_fetch_source(WriteTransaction& transaction, FetchSource const& source) {
    if (!is_given_name(source.name)) return std::unexpected(StoreError::name_invalid);
    put(transaction, Table::fetch_source, source.name, encode(source));
    return {};
}

Result<void> remove_fetch_source(WriteTransaction& transaction, std::string_view name) {
    if (!is_given_name(name) || !erase(transaction, Table::fetch_source, name))
        return std::unexpected(StoreError::no_such_fetch_source);
    for (Stub const& stub : list_stubs(transaction, name)) lose_stub(transaction, stub.message);
    for (auto const kind : {FetchedRow::mailbox, FetchedRow::message})
        erase_rows(transaction, Table::fetched, fetched_rows(name, kind));
    return {};
}

std::optional<FetchSource> find_fetch_source(ReadTransaction const& transaction, std::string_view name) {
    auto const value = is_given_name(name) ? get(transaction, Table::fetch_source, name) : std::nullopt;
    if (!value) return std::nullopt;
    return decode_source_row(name, *value);
}

std::vector<FetchSource> list_fetch_sources(ReadTransaction const& transaction) {
    std::vector<FetchSource> sources;
    for_each_row(transaction, Table::fetch_source, "", [&](std::string_view key, std::string_view value) {
        sources.push_back(decode_source_row(key, value));
        return true;
    });
    return sources;
}

std::optional<FetchedMailbox> get_fetched_mailbox(ReadTransaction const& transaction, std::string_view source) {
    auto const value = get(transaction, Table::fetched, fetched_rows(source, FetchedRow::mailbox));
    if (!value) return std::nullopt;
    auto mailbox = decode_fetched_mailbox(*value);
    if (!mailbox) damaged(std::format("fetch source {}: its mailbox", source));
    return mailbox;
}

Result<void> set_fetched_mailbox(WriteTransaction& transaction, std::string_view source,
                                 FetchedMailbox const& mailbox) {
    if (!find_fetch_source(transaction, source)) return std::unexpected(StoreError::no_such_fetch_source);
    put(transaction, Table::fetched, fetched_rows(source, FetchedRow::mailbox), encode(mailbox));
    return {};
}

Result<void> note_fetched(WriteTransaction& transaction, std::string_view source, Fetched const& fetched) {
    if (!find_fetch_source(transaction, source)) return std::unexpected(StoreError::no_such_fetch_source);
    if (fetched.id.empty() || fetched.id.size() > max_provider_id_octets)
        return std::unexpected(StoreError::name_invalid);
    put(transaction, Table::fetched, fetched_rows(source, FetchedRow::message) + fetched.id, encode(fetched));
    return {};
}

void forget_fetched(WriteTransaction& transaction, std::string_view source, std::string_view id) {
    if (auto const fetched = find_fetched(transaction, source, id); fetched && fetched->stub != MessageId{})
        lose_stub(transaction, fetched->stub);
    erase(transaction, Table::fetched, fetched_rows(source, FetchedRow::message).append(id));
}

std::optional<Fetched> find_fetched(ReadTransaction const& transaction, std::string_view source, std::string_view id) {
    auto const value = get(transaction, Table::fetched, fetched_rows(source, FetchedRow::message).append(id));
    if (!value) return std::nullopt;
    return decode_fetched_row(source, id, *value);
}

Result<std::optional<Fetched>> rename_fetched(WriteTransaction& transaction, std::string_view source,
                                              std::string_view before, std::string_view id) {
    auto fetched = find_fetched(transaction, source, before);
    if (!fetched) return std::nullopt;
    fetched->id = id;
    if (auto const noted = note_fetched(transaction, source, *fetched); !noted) return std::unexpected(noted.error());
    if (fetched->stub != MessageId{}) rename_stub(transaction, fetched->stub, id);
    erase(transaction, Table::fetched, fetched_rows(source, FetchedRow::message).append(before));
    return fetched;
}

std::vector<Fetched> list_fetched(ReadTransaction const& transaction, std::string_view source) {
    std::vector<Fetched> all;
    auto const prefix = fetched_rows(source, FetchedRow::message);
    for_each_row(transaction, Table::fetched, prefix, [&](std::string_view key, std::string_view value) {
        all.push_back(decode_fetched_row(source, key.substr(prefix.size()), value));
        return true;
    });
    return all;
}

} // namespace postern::store
