// One connection to a relay, from when it is opened until there is nothing more for it. The carrier's, and part of the
// dispatcher: it takes from the dispatcher's outbox and gives it what became of that.
#pragma once

#include "policy/outbox.h"
#include "relay/dispatcher.h"
#include "relay/transfer.h"
#include "relay/upstream.h"

#include <deque>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::relay {

class Dispatcher::Courier final : public Feed {
public:
    // `largest`: octets of the messages that it takes. `domain`: where all of it goes, to that domain's own servers;
    // empty: to the carrier's relay.
    Courier(Dispatcher& dispatcher, Carrier& carrier, std::uint64_t its_largest, std::string its_domain)
        : largest(its_largest), domain(std::move(its_domain)), dispatcher_(dispatcher), carrier_(carrier) {}

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
    std::string const domain;

private:
    [[nodiscard]] office::Office& office() const { return dispatcher_.office_; }
    [[nodiscard]] bool is_ready() const;
    [[nodiscard]] std::size_t recipients_at_a_time() const; // of a message

    asio::awaitable<void> work();
    asio::awaitable<void> send(Upstream& upstream);

    // What keeps mail from its domain, where that may be the domain's fault: then it is what a server would say.
    struct Obstacle {
        Outcome outcome;
        bool proves_link = false; // somebody of theirs answered
    };
    asio::awaitable<std::expected<std::unique_ptr<Upstream>, Obstacle>> open_domain();
    // Whose fault it is, and what becomes of the mail.
    asio::awaitable<void> meet(Obstacle obstacle);
    asio::awaitable<bool> internet_is_there();
    asio::awaitable<void> lost(OpenFailure failure, bool at_once); // a connection; `at_once`: before anything was done
    [[nodiscard]] policy::Outbox::Wanted wanted() const;

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
    std::string host_; // that answered last, if any did
    std::deque<Consignment> prepared_;
    Upstream* upstream_ = nullptr; // while it is used
    bool at_large_ = false;
};

} // namespace postern::relay
