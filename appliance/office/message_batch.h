// Messages that came in and that the store is to take together, all or none (RFC 3502). Those that wait are in memory
// as long as that is little, then in the store, where they count as garbage until a message refers to them. What is in
// memory is taken from the client's share of the budget.
#pragma once

#include "net/memory_budget.h"
#include "office/incoming_message.h"
#include "office/office.h"
#include "store/messages.h"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace postern::office {

class MessageBatch {
public:
    // `office` outlives it. `memory` is the client's, and holds nothing yet.
    MessageBatch(Office& office, net::MemoryShare memory);
    ~MessageBatch(); // bodies that the store has and that no message took are erased
    MessageBatch(MessageBatch const&) = delete;
    MessageBatch& operator=(MessageBatch const&) = delete;

    // `addition`'s message is what `incoming` finished, which is of no further use. Errors: what the store failed with;
    // full also where there is no memory for it: then out_of_memory.
    asio::awaitable<store::Result<void>> add(IncomingMessage& incoming, store::Addition addition);
    [[nodiscard]] bool out_of_memory() const { return out_of_memory_; }

    // All of them, for the change that puts them. The batch must live until the store has them.
    [[nodiscard]] std::vector<store::Addition> take() { return std::move(additions_); }

private:
    [[nodiscard]] bool hold();
    asio::awaitable<store::Result<void>> spool();

    Office& office_;
    net::MemoryShare memory_;
    std::vector<store::Addition> additions_;
    std::size_t first_in_memory_ = 0;   // of the additions; all before have their bodies in the store
    std::size_t bodies_octets_ = 0;     // of the bodies in memory
    std::size_t other_octets_ = 0;      // of what else is there of the messages
    std::vector<store::BodyId> bodies_; // in the store
    bool out_of_memory_ = false;
};

} // namespace postern::office
