// What RETR and TOP send (RFC 1939 §5, §7). Messages are read on the store's readers, several at a time once a client
// asks for them in their order, as nearly all do, and the next ones while these are sent; long ones in slices. So a
// client that reads slowly holds neither a read transaction nor a long body, and a quick one seldom waits for a thread.
// What is read ahead is taken from the client's share of the memory budget; where that has little, less is.
#pragma once

#include "net/async_call.h"
#include "net/connection.h"
#include "net/memory_budget.h"
#include "office/storage.h"
#include "pop3/maildrop.h"
#include "pop3/rendering.h"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>

namespace postern::pop3 {

class Retrieval {
public:
    // All of them outlive it.
    Retrieval(net::Connection& connection, office::Storage& storage, Maildrop const& maildrop);

    enum class Failure : std::uint8_t {
        gone, // another client expunged it
        damaged,
        unavailable, // the store could not be read
        no_room,     // in memory, at the moment
        cut_off,     // within the message: the connection has to end
    };

    // Queues the response to RETR or TOP of that message, which maildrop.find() knows, and gives what it is in the
    // store. Of a long one most is sent already. With a failure but cut_off nothing was queued.
    asio::awaitable<std::expected<store::MessageId, Failure>> send(std::uint32_t number, Wish wish);

private:
    // Whether the batch has the response, among those that were not sent yet; then it is the next one.
    [[nodiscard]] bool find(std::uint32_t number, Wish wish);
    // Reads a batch that begins with this message.
    asio::awaitable<std::expected<void, Failure>> take_batch(std::uint32_t number, Wish wish);
    void begin_batch(std::uint32_t number, Wish wish);
    void read_ahead();
    [[nodiscard]] std::uint32_t after(std::uint32_t number) const;
    asio::awaitable<std::expected<void, Failure>> send_rest(Rest rest);

    net::Connection& connection_;
    office::Storage& storage_;
    Maildrop const& maildrop_;

    Batch batch_;
    std::size_t next_ = 0; // of its responses; those before were sent, or passed over
    net::MemoryShare share_;

    // The batch that is being read, if one is.
    std::optional<net::StartedCall<store::Result<Batch>>> reading_;
    std::uint32_t reading_from_ = 0;
    Wish reading_wish_;
    net::MemoryShare reading_share_;

    std::uint32_t expected_ = 0; // the message that a client asks for next if it takes one after the other
    std::size_t most_ = 1;       // messages of the next batch
};

} // namespace postern::pop3
