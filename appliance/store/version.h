// Whose store it is. One of an earlier version that may still be gone back to stays that version's: what that does not
// know is not put into it (StoreOptions::keep_schema). Once this version is to stay, the store becomes its own, and
// earlier ones refuse it.
#pragma once

#include "store/error.h"
#include "store/transaction.h"

#include <cstdint>

namespace postern::store {

[[nodiscard]] std::uint64_t schema_of(ReadTransaction const& transaction);

// Whether it was another's.
[[nodiscard]] Result<bool> keep_version(WriteTransaction& transaction);

} // namespace postern::store
