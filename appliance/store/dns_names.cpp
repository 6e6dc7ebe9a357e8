#include "store/dns_names.h"

#include "store/rows.h"
#include "text/ascii.h"

#include <algorithm>
#include <format>
#include <utility>

namespace postern::store {

namespace {

bool is_dns_name(std::string_view name) {
    constexpr std::size_t longest = 253;
    return !name.empty() && name.size() <= longest && std::ranges::all_of(name, [](char c) {
        return text::is_lower(c) || text::is_digit(c) || c == '-' || c == '_' || c == '.' || c == '*';
    });
}

DnsName decode_row(std::string_view key, std::string_view value) {
    auto name = decode_dns_name(key, value);
    if (!name) damaged(std::format("name {}", key));
    return std::move(*name);
}

} // namespace

Result<void> set_dns_name(WriteTransaction& transaction, DnsName const& name) {
    if (!is_dns_name(name.name)) return std::unexpected(StoreError::name_invalid);
    if (name.records.empty())
        erase(transaction, Table::dns_name, name.name);
    else
        put(transaction, Table::dns_name, name.name, encode(name));
    return {};
}

std::optional<DnsName> find_dns_name(ReadTransaction const& transaction, std::string_view name) {
    auto const value = is_dns_name(name) ? get(transaction, Table::dns_name, name) : std::nullopt;
    if (!value) return std::nullopt;
    return decode_row(name, *value);
}

std::vector<DnsName> list_dns_names(ReadTransaction const& transaction) {
    std::vector<DnsName> names;
    for_each_row(transaction, Table::dns_name, "", [&](std::string_view key, std::string_view value) {
        names.push_back(decode_row(key, value));
        return true;
    });
    return names;
}

} // namespace postern::store
