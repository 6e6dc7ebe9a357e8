#include "store/upstreams.h"

#include "store/rows.h"

#include <format>

namespace postern::store {

namespace {

Upstream decode_upstream_row(std::string_view key, std::string_view value) {
    auto upstream = decode_upstream(key, value);
    if (!upstream) damaged(std::format("upstream {}", key));
    return std::move(*upstream);
}

} // namespace

Result<void> set_upstream(WriteTransaction& transaction, Upstream const& upstream) {
    if (!is_given_name(upstream.name)) return std::unexpected(StoreError::name_invalid);
    put(transaction, Table::upstream, upstream.name, encode(upstream));
    return {};
}

bool remove_upstream(WriteTransaction& transaction, std::string_view name) {
    return is_given_name(name) && erase(transaction, Table::upstream, name);
}

std::optional<Upstream> find_upstream(ReadTransaction const& transaction, std::string_view name) {
    auto const value = is_given_name(name) ? get(transaction, Table::upstream, name) : std::nullopt;
    if (!value) return std::nullopt;
    return decode_upstream_row(name, *value);
}

std::vector<Upstream> list_upstreams(ReadTransaction const& transaction) {
    std::vector<Upstream> upstreams;
    for_each_row(transaction, Table::upstream, "", [&](std::string_view key, std::string_view value) {
        upstreams.push_back(decode_upstream_row(key, value));
        return true;
    });
    return upstreams;
}

} // namespace postern::store
