// Relays: whom mail for outside is given to.
#pragma once

#include "store/error.h"
#include "store/records.h"
#include "store/transaction.h"

#include <optional>
#include <string_view>
#include <vector>

namespace postern::store {

// Makes or replaces it. Errors: name_invalid.
Result<void> set_relay(WriteTransaction& transaction, Relay const& relay);

// Errors: no_such_relay.
Result<void> remove_relay(WriteTransaction& transaction, std::string_view name);

std::optional<Relay> find_relay(ReadTransaction const& transaction, std::string_view name);
std::vector<Relay> list_relays(ReadTransaction const& transaction); // by name

} // namespace postern::store
