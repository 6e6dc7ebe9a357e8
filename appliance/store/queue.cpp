#include "store/queue.h"

#include "store/rows.h"

#include <format>

namespace postern::store {

namespace {

QueueItem decode_queue_row(std::string_view key, std::string_view value) {
    auto const id = u64_at(key, 0);
    auto item = id ? decode_queue_item(static_cast<QueueItemId>(*id), value) : std::nullopt;
    if (!item) damaged(std::format("queue item {}", id.value_or(0)));
    return std::move(*item);
}

} // namespace

std::vector<QueueItem> list_queue(ReadTransaction const& transaction, std::size_t most, QueueItemId after) {
    std::vector<QueueItem> items;
    Cursor cursor(transaction, Table::queue);
    for (bool there = cursor.seek(u64_key(core::number(after) + 1)); there && items.size() < most;
         there = cursor.next())
        items.push_back(decode_queue_row(cursor.key(), cursor.value()));
    return items;
}

std::vector<QueueItem> items_of(ReadTransaction const& transaction, MessageId message) {
    std::vector<QueueItem> items;
    Cursor cursor(transaction, Table::queue);
    // They got their numbers one after the other, and after their message.
    for (bool there = cursor.seek(u64_key(core::number(message))); there; there = cursor.next()) {
        QueueItem item = decode_queue_row(cursor.key(), cursor.value());
        if (item.message == message)
            items.push_back(std::move(item));
        else if (!items.empty())
            break;
    }
    return items;
}

std::uint64_t queue_length(ReadTransaction const& transaction) { return count_rows(transaction, Table::queue); }

std::optional<QueueItem> get_queue_item(ReadTransaction const& transaction, QueueItemId item) {
    std::string const key = u64_key(core::number(item));
    auto const value = get(transaction, Table::queue, key);
    if (!value) return std::nullopt;
    return decode_queue_row(key, *value);
}

Result<void> save_queue_item(WriteTransaction& transaction, QueueItem const& item) {
    std::string const key = u64_key(core::number(item.id));
    if (!get(transaction, Table::queue, key)) return std::unexpected(StoreError::no_such_queue_item);
    put(transaction, Table::queue, key, encode(item));
    return {};
}

Result<void> remove_queue_item(WriteTransaction& transaction, QueueItemId item) {
    auto const row = get_queue_item(transaction, item);
    if (!row) return std::unexpected(StoreError::no_such_queue_item);
    erase(transaction, Table::queue, u64_key(core::number(item)));
    release(transaction, row->message);
    return {};
}

LinkOctets link_octets(ReadTransaction const& transaction) {
    return {static_cast<std::int64_t>(get_number(transaction, meta_link_day)), get_number(transaction, meta_link_today),
            get_number(transaction, meta_link_month)};
}

void set_link_octets(WriteTransaction& transaction, LinkOctets const& octets) {
    put_number(transaction, meta_link_day, static_cast<std::uint64_t>(octets.day));
    put_number(transaction, meta_link_today, octets.today);
    put_number(transaction, meta_link_month, octets.this_month);
}

LinkTime link_time(ReadTransaction const& transaction) {
    return LinkTime(std::chrono::seconds(get_number(transaction, meta_link_time)));
}

void set_link_time(WriteTransaction& transaction, LinkTime time) {
    if (time > link_time(transaction))
        put_number(transaction, meta_link_time, static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

} // namespace postern::store
