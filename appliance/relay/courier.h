// One connection to a relay, from when it is opened until there is nothing more for it. The carrier's, and part of the
// dispatcher: it takes from the dispatcher's outbox and gives it what became of that.
#pragma once

#include "policy/outbox.h"
#include "relay/dispatcher.h"
#include "relay/transfer.h"
#include "relay/upstream.h"

#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace postern::relay {

class Dispatcher::Courier final : public Feed {
public:
    // `largest`: octets of the messages that it takes.
    Courier(Dispatcher& dispatcher, Carrier& carrier, std::uint64_t its_largest)
        : largest(its_largest), dispatcher_(dispatcher), carrier_(carrier) {}

    // Carrier and courier are kept until it is over; then the carrier knows.
    static asio::awaitable<void> run(std::shared_ptr<Carrier> carrier, std::shared_ptr<Courier> courier);

    // Feed
    asio::awaitable<std::optional<Consignment>> next() override;
    void settled(Consignment consignment, std::vector<Outcome> outcomes) override;

    // Whether small mail gets on better by another connection: this one is at a large message, or has many small ones
    // for a relay that lets each wait for the one before.
    [[nodiscard]] bool is_slow() const;
    [[nodiscard]] bool sending() const { return upstream_ != nullptr; }

    // The system's network is another one than before.
    void doubt();

    std::uint64_t const largest;

private:
    [[nodiscard]] office::Office& office() const { return dispatcher_.office_; }
    [[nodiscard]] bool is_ready() const;

    asio::awaitable<void> work();
    asio::awaitable<void> send(Upstream& upstream);

    // After a fault of our own: what was under way is begun anew, a while later.
    asio::awaitable<void> recover();

    // Waits a while for the next message.
    asio::awaitable<bool> more_comes();

    // Takes what is next from the outbox, reads it, and notes in the store that it is under way. False: there is none.
    asio::awaitable<bool> prepare();

    // Out of what is under way, and back into the outbox.
    asio::awaitable<void> put_later(std::vector<std::vector<store::QueueItemId>> taken);

    // What was prepared and not begun.
    void give_back();

    Dispatcher& dispatcher_;
    Carrier& carrier_;
    std::deque<Consignment> prepared_;
    Upstream* upstream_ = nullptr; // while it is used
    bool at_large_ = false;
};

} // namespace postern::relay
