#include "relay/consignment.h"

#include "store/bodies.h"
#include "store/messages.h"
#include "store/queue.h"
#include "text/ascii.h"
#include "text/utf8.h"

#include <algorithm>

namespace postern::relay {

std::size_t return_path_octets(std::string_view message) {
    if (!text::istarts_with(message, "return-path:")) return 0;
    for (std::size_t at = 0; (at = message.find('\n', at)) != std::string_view::npos; ++at)
        if (at + 1 == message.size() || !text::is_blank(message[at + 1])) return at + 1;
    return 0;
}

bool Consignment::needs_utf8() const {
    return !text::is_ascii(items.front().reverse_path) ||
           std::ranges::any_of(items, [](store::QueueItem const& item) { return !text::is_ascii(item.recipient); });
}

Consignment load(store::ReadTransaction const& transaction, std::span<store::QueueItemId const> items) {
    Consignment consignment;
    for (store::QueueItemId const id : items)
        if (auto item = store::get_queue_item(transaction, id); item) consignment.items.push_back(std::move(*item));
    if (consignment.items.empty()) return consignment;
    auto const message = store::view_message(transaction, consignment.items.front().message);
    consignment.readable = message.has_value();
    if (!message) return consignment;
    consignment.body = message->body;
    consignment.end = message->size;
    auto const wanted = message->size <= small_consignment ? message->size : std::uint64_t{store::body_chunk_size};
    auto octets = store::read_body(transaction, consignment.body, 0, wanted);
    consignment.readable = octets.has_value();
    if (!octets) return consignment;
    consignment.begin = return_path_octets(*octets);
    if (message->size <= small_consignment) consignment.octets = std::move(*octets);
    if (consignment.needs_8bit()) consignment.structure = message->structure;
    return consignment;
}

} // namespace postern::relay
