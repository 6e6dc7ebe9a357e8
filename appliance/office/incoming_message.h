// A message on its way in, by SMTP DATA or BDAT or by IMAP APPEND: small ones stay in memory, large ones go to the
// store in chunks as they arrive; the MIME structure is found on the way, so that nothing is read twice. What is in
// memory is taken from the client's share of the budget; where that has no room, the store gets chunks earlier.
#pragma once

#include "message/header.h"
#include "message/structure.h"
#include "message/thread_keys.h"
#include "net/memory_budget.h"
#include "office/office.h"
#include "store/bodies.h"
#include "store/messages.h"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::office {

class IncomingMessage {
public:
    static constexpr std::size_t memory_limit = 256 * 1024;       // octets kept before the store takes them
    static constexpr std::size_t header_limit = memory_limit / 2; // a header section longer than this is not looked at

    // Asked once, when the header section is complete (or header_limit passed, or the message is at its end: then with
    // what there is), for what goes in front of it: Return-Path and Received lines, a missing Date. Where the message
    // has no header section at all, an empty line follows what it gives. Not set: nothing is put in front.
    using Prefix = std::function<std::string(message::HeaderSection const& header)>;

    // What one of any size needs: a chunk on its way, its header, its structure as most messages have it.
    static constexpr std::size_t least_memory = 128 * 1024;

    // `office` outlives it. `memory` is the client's, and holds nothing yet.
    IncomingMessage(Office& office, std::uint64_t size_limit, net::MemoryShare memory, Prefix prefix);
    ~IncomingMessage(); // a body that was spooled and that no message took is erased
    IncomingMessage(IncomingMessage const&) = delete;
    IncomingMessage& operator=(IncomingMessage const&) = delete;

    // Any length. After size_limit, out of memory, or after the store's first error, octets are counted and dropped, so
    // that a protocol can read to its end.
    asio::awaitable<void> append(std::string octets);

    [[nodiscard]] std::uint64_t size() const { return size_; } // octets so far, without the prefix
    [[nodiscard]] bool too_large() const { return size_ > size_limit_; }
    // There was no room for even the least, or for a header or a structure that is out of the ordinary.
    [[nodiscard]] bool out_of_memory() const { return out_of_memory_; }
    // RFC 5321 §6.3: of the header section, once that is complete; after finish() in any case.
    [[nodiscard]] unsigned received_count() const { return received_count_; }

    // The whole, ready for store::append or store::deliver. To be called once, and not if it is too_large or
    // out_of_memory; nobody can have it if it is out_of_memory afterwards. The
    // IncomingMessage must live until the store has it.
    asio::awaitable<store::Result<store::NewMessage>> finish(store::WallTime internal_date);
    // After finish(): another owner erases its body, if need be, and accounts for what is in memory (MessageBatch).
    void release();

private:
    asio::awaitable<void> end_header(std::size_t length);
    asio::awaitable<void> take(std::string octets);
    asio::awaitable<void> spool(std::size_t octets);
    asio::awaitable<std::optional<store::StoreError>> sign(store::NewMessage& message);
    [[nodiscard]] bool hold();
    void drop();

    Office& office_;
    std::uint64_t size_limit_;
    net::MemoryShare memory_;
    Prefix prefix_;
    std::uint64_t size_ = 0;
    unsigned received_count_ = 0;

    bool in_header_ = true;
    std::string header_;         // the message so far, while in_header_
    std::size_t line_begin_ = 0; // of header_'s last line
    std::vector<message::ReferenceHash> references_;

    message::StructureParser parser_;
    std::string pending_;               // what the store does not have yet
    std::optional<store::BodyId> body_; // what it has
    std::uint64_t body_size_ = 0;       // both, prefix included
    std::optional<store::StoreError> error_;
    bool out_of_memory_ = false;
};

} // namespace postern::office
