// Mail that waits to leave: a row for each outside recipient. delivery.h makes the rows. They wait and expire
// by the link's time (core/clock.h), which is kept here as well: whoever watches the link moves it on.
#pragma once

#include "store/error.h"
#include "store/records.h"
#include "store/transaction.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace postern::store {

// Those after `after`, oldest first.
std::vector<QueueItem> list_queue(ReadTransaction const& transaction, std::size_t most, QueueItemId after = {});
std::uint64_t queue_length(ReadTransaction const& transaction);
// Of one message.
std::vector<QueueItem> items_of(ReadTransaction const& transaction, MessageId message);
std::optional<QueueItem> get_queue_item(ReadTransaction const& transaction, QueueItemId item);

// As it is to be from now on; its message stays the same. Errors: no_such_queue_item.
Result<void> save_queue_item(WriteTransaction& transaction, QueueItem const& item);
// Errors: no_such_queue_item.
Result<void> remove_queue_item(WriteTransaction& transaction, QueueItemId item);

// What went over links whose octets count, on a day since 1970 and in its month.
struct LinkOctets {
    std::int64_t day = 0;
    std::uint64_t today = 0;
    std::uint64_t this_month = 0;
};
LinkOctets link_octets(ReadTransaction const& transaction);
void set_link_octets(WriteTransaction& transaction, LinkOctets const& octets);

LinkTime link_time(ReadTransaction const& transaction);
void set_link_time(WriteTransaction& transaction, LinkTime time); // never back

} // namespace postern::store
