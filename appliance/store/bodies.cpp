#include "store/bodies.h"

#include "core/crc32c.h"
#include "core/log.h"
#include "store/rows.h"

#include <algorithm>
#include <format>

namespace postern::store {

namespace {

MessageId message_of(BodyId body) { return static_cast<MessageId>(core::number(body)); }

void append_chunk(std::string& value, std::string_view octets) {
    append_big_endian(value, core::crc32c(octets));
    value += octets;
}

// Puts octets as the chunks from number `part` on.
void put_chunks(WriteTransaction& transaction, MessageId message, std::uint32_t part, std::string_view octets) {
    std::string value;
    for (; !octets.empty(); ++part) {
        std::string_view const chunk = octets.substr(0, body_chunk_size);
        value.clear();
        append_chunk(value, chunk);
        put(transaction, Table::message, message_key(message, part), value);
        octets.remove_prefix(chunk.size());
    }
}

} // namespace

std::optional<std::string_view> open_chunk(std::string_view value) {
    auto const sum = u32_at(value, 0);
    if (!sum) return std::nullopt;
    std::string_view const octets = value.substr(4);
    if (core::crc32c(octets) != *sum) return std::nullopt;
    return octets;
}

std::string make_chunk(std::string_view octets) {
    std::string value;
    append_chunk(value, octets);
    return value;
}

void put_body(WriteTransaction& transaction, MessageId message, std::string_view octets) {
    put_chunks(transaction, message, 1, octets);
}

Result<void> read_chunks(Cursor& cursor, MessageId message, std::uint64_t size, std::uint64_t offset,
                         std::uint64_t length, std::string& into) {
    if (offset >= size) return {};
    std::uint64_t const end = offset + std::min(length, size - offset);
    for (std::uint64_t at = offset; at < end;) {
        std::uint64_t const index = at / body_chunk_size;
        std::uint64_t const begin = index * body_chunk_size;
        auto const part = static_cast<std::uint32_t>(index) + 1;
        std::string const key = message_key(message, part);
        // It follows what was read last, as a rule.
        bool const there = (cursor.next() && cursor.key() == key) || (cursor.seek(key) && cursor.key() == key);
        auto const chunk = there ? open_chunk(cursor.value()) : std::nullopt;
        if (!chunk || chunk->size() != std::min<std::uint64_t>(body_chunk_size, size - begin)) {
            core::log(core::Event::store_damaged, {{"message", core::number(message)}, {"chunk", part}});
            return std::unexpected(StoreError::damaged);
        }
        std::uint64_t const until = std::min<std::uint64_t>(end, begin + chunk->size());
        into += chunk->substr(at - begin, until - at);
        at = until;
    }
    return {};
}

Result<void> read_octets(Cursor& cursor, MessageView const& message, std::uint64_t offset, std::uint64_t length,
                         std::string& into) {
    if (!message.heading) return read_chunks(cursor, message.id, message.size, offset, length, into);
    auto const [before, octets] = *message.heading;
    if (offset < octets) {
        auto const part = std::min(length, octets - offset);
        if (auto const read = read_chunks(cursor, message.id, octets, offset, part, into); !read) return read;
        offset += part;
        length -= part;
    }
    return read_chunks(cursor, before, message.size - octets, offset - octets, length, into);
}

std::uint32_t erase_body(WriteTransaction& transaction, MessageId message) {
    if (auto const view = view_message(transaction, message); view && view->heading)
        release(transaction, view->heading->before);
    std::vector<std::string> keys;
    for_each_row(transaction, Table::message, u64_key(core::number(message)),
                 [&](std::string_view key, std::string_view) {
                     keys.emplace_back(key);
                     return true;
                 });
    for (std::string const& key : keys) erase(transaction, Table::message, key);
    erase(transaction, Table::garbage, u64_key(core::number(message)));
    return static_cast<std::uint32_t>(keys.size());
}

Result<BodyId> begin_body(WriteTransaction& transaction) {
    if (!take_room(transaction, 0)) return std::unexpected(StoreError::full);
    auto const id = take_number(transaction);
    put(transaction, Table::garbage, u64_key(id), encode(Garbage{GarbageState::spooling, 0}));
    return static_cast<BodyId>(id);
}

Result<void> append_body(WriteTransaction& transaction, BodyId body, std::string_view octets) {
    MessageId const message = message_of(body);
    auto garbage = load_garbage(transaction, message);
    if (!garbage || garbage->state != GarbageState::spooling) return std::unexpected(StoreError::no_such_message);
    if (!take_room(transaction, octets.size())) return std::unexpected(StoreError::full);

    auto const part = static_cast<std::uint32_t>(garbage->size / body_chunk_size) + 1;
    garbage->size += octets.size();
    if (auto const begun = get(transaction, Table::message, message_key(message, part))) {
        auto const before = open_chunk(*begun);
        if (!before) damaged(std::format("body {} chunk {}", core::number(body), part));
        put_chunks(transaction, message, part, std::string(*before).append(octets));
    } else {
        put_chunks(transaction, message, part, octets);
    }
    put(transaction, Table::garbage, u64_key(core::number(message)), encode(*garbage));
    return {};
}

Result<void> discard_body(WriteTransaction& transaction, BodyId body) {
    MessageId const message = message_of(body);
    auto const garbage = load_garbage(transaction, message);
    if (!garbage || garbage->state != GarbageState::spooling) return std::unexpected(StoreError::no_such_message);
    put(transaction, Table::garbage, u64_key(core::number(message)),
        encode(Garbage{GarbageState::dead, garbage->size}));
    transaction.pending().garbage = true;
    return {};
}

Result<std::string> read_body(ReadTransaction const& transaction, BodyId body, std::uint64_t offset,
                              std::uint64_t length) {
    MessageId const message = message_of(body);
    Cursor cursor(transaction, Table::message);
    std::string octets;
    Result<void> read;
    if (auto const view = view_message(transaction, message))
        read = read_octets(cursor, *view, offset, length, octets);
    else if (auto const garbage = load_garbage(transaction, message))
        read = read_chunks(cursor, message, garbage->size, offset, length, octets);
    else
        return std::unexpected(StoreError::no_such_message);
    return read.transform([&] { return std::move(octets); });
}

} // namespace postern::store
