#include "store/settings.h"

#include "store/rows.h"

#include <format>
#include <utility>

namespace postern::store {

namespace {

bool is_setting_key(std::string_view name) { return !name.empty() && name.size() <= 255; }

} // namespace

Result<void> put_setting(WriteTransaction& transaction, std::string_view name, std::string_view value) {
    if (!is_setting_key(name)) return std::unexpected(StoreError::name_invalid);
    put(transaction, Table::setting, name, encode_text(value));
    return {};
}

Result<void> erase_setting(WriteTransaction& transaction, std::string_view name) {
    if (!is_setting_key(name) || !erase(transaction, Table::setting, name))
        return std::unexpected(StoreError::no_such_setting);
    return {};
}

std::vector<std::pair<std::string, std::string>> list_settings(ReadTransaction const& transaction) {
    std::vector<std::pair<std::string, std::string>> settings;
    for_each_row(transaction, Table::setting, "", [&](std::string_view key, std::string_view value) {
        auto text = decode_text(value);
        if (!text) damaged(std::format("setting {}", key));
        settings.emplace_back(key, std::move(*text));
        return true;
    });
    return settings;
}

} // namespace postern::store
