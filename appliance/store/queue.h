// Mail that waits to leave: a row for each outside recipient. messages.h (deliver) makes the rows.
#pragma once

#include "store/error.h"
#include "store/records.h"
#include "store/transaction.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace postern::store {

std::vector<QueueItem> list_queue(ReadTransaction const& transaction, std::size_t most); // oldest first
std::uint64_t queue_length(ReadTransaction const& transaction);
std::optional<QueueItem> get_queue_item(ReadTransaction const& transaction, QueueItemId item);

// Errors: no_such_queue_item.
Result<void> remove_queue_item(WriteTransaction& transaction, QueueItemId item);

} // namespace postern::store
