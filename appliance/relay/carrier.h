// Carries the mail that falls to one relay: its link, the connection to it, and what is under way. The dispatcher's,
// and part of it: it takes from the dispatcher's outbox and gives it what became of that.
#pragma once

#include "net/event.h"
#include "policy/link.h"
#include "relay/dispatcher.h"
#include "relay/transfer.h"
#include "relay/upstream.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::relay {

class Dispatcher::Carrier final : public Feed {
public:
    Carrier(Dispatcher& dispatcher, store::Relay its_relay)
        : relay(std::move(its_relay)), wake(dispatcher.executor_), dispatcher_(dispatcher) {}

    // Until the office stops, or the relay is gone.
    static asio::awaitable<void> run(std::shared_ptr<Carrier> carrier);

    // Feed
    asio::awaitable<std::optional<Consignment>> next() override;
    void settled(Consignment consignment, std::vector<Outcome> outcomes) override;

    // The system's network is another one than before.
    void doubt();

    store::Relay relay;
    policy::Link link;
    std::string trouble;
    bool refuses = false; // it answers, and takes no mail from us
    bool sending = false;
    bool gone = false; // the administrator took the relay away
    net::Event wake;   // something is another way than it was

private:
    [[nodiscard]] office::Office& office() const { return dispatcher_.office_; }
    [[nodiscard]] bool may_send() const;
    [[nodiscard]] bool is_ready() const;

    [[nodiscard]] bool has_mail() const; // ready or not
    asio::awaitable<void> work();

    // After a fault of our own: what was under way is begun anew, a while later.
    asio::awaitable<void> recover();

    // Until something is to be done; nothing: at once.
    [[nodiscard]] std::optional<core::SteadyTime::duration> how_long() const;
    asio::awaitable<void> carry();
    asio::awaitable<void> send(Upstream& upstream);

    // Waits a while for the next message.
    asio::awaitable<bool> more_comes();

    // Takes what is next from the outbox, reads it, and notes in the store that it is under way. False: there is none.
    asio::awaitable<bool> prepare();

    // Out of what is under way, and back into the outbox.
    asio::awaitable<void> put_later(std::vector<std::vector<store::QueueItemId>> taken);

    // What was prepared and not begun.
    void give_back();
    void worked();
    void failed(OpenFailure const& failure);

    Dispatcher& dispatcher_;
    std::optional<TlsTrust> trust_; // made at the first connection
    std::deque<Consignment> prepared_;
    Upstream* upstream_ = nullptr; // while it is used
};

} // namespace postern::relay
