// Upstreams: servers elsewhere that may bring mail to our port 25.
#pragma once

#include "store/error.h"
#include "store/records.h"
#include "store/transaction.h"

#include <optional>
#include <string_view>
#include <vector>

namespace postern::store {

// Makes or replaces it. Errors: name_invalid.
Result<void> set_upstream(WriteTransaction& transaction, Upstream const& upstream);
bool remove_upstream(WriteTransaction& transaction, std::string_view name); // false: there is none

std::optional<Upstream> find_upstream(ReadTransaction const& transaction, std::string_view name);
std::vector<Upstream> list_upstreams(ReadTransaction const& transaction); // by name

} // namespace postern::store
