#include "store/relays.h"

#include "store/rows.h"

#include <format>

namespace postern::store {

namespace {

Relay decode_relay_row(std::string_view key, std::string_view value) {
    auto relay = decode_relay(key, value);
    if (!relay) damaged(std::format("relay {}", key));
    return std::move(*relay);
}

} // namespace

Result<void> set_relay(WriteTransaction& transaction, Relay const& relay) {
    if (!is_given_name(relay.name)) return std::unexpected(StoreError::name_invalid);
    put(transaction, Table::relay, relay.name, encode(relay));
    return {};
}

Result<void> remove_relay(WriteTransaction& transaction, std::string_view name) {
    if (!is_given_name(name) || !erase(transaction, Table::relay, name))
        return std::unexpected(StoreError::no_such_relay);
    return {};
}

std::optional<Relay> find_relay(ReadTransaction const& transaction, std::string_view name) {
    auto const value = is_given_name(name) ? get(transaction, Table::relay, name) : std::nullopt;
    if (!value) return std::nullopt;
    return decode_relay_row(name, *value);
}

std::vector<Relay> list_relays(ReadTransaction const& transaction) {
    std::vector<Relay> relays;
    for_each_row(transaction, Table::relay, "", [&](std::string_view key, std::string_view value) {
        relays.push_back(decode_relay_row(key, value));
        return true;
    });
    return relays;
}

} // namespace postern::store
