// Settings that differ from their default, as text: core/settings.h knows what they mean.
#pragma once

#include "store/error.h"
#include "store/transaction.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::store {

// Makes or replaces it. Errors: name_invalid (empty, or longer than 255 octets).
Result<void> put_setting(WriteTransaction& transaction, std::string_view name, std::string_view value);

// Errors: no_such_setting.
Result<void> erase_setting(WriteTransaction& transaction, std::string_view name);

std::vector<std::pair<std::string, std::string>> list_settings(ReadTransaction const& transaction); // by name

} // namespace postern::store
