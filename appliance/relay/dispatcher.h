// Sends what waits for outside: one carrier for each relay, which opens a connection when there is something to send
// and the link may be there, sends while there is more, and notes in the store what became of it. What waits is in the
// store; its order, and how the links are, in memory.
//
// Invariants:
// - A recipient whose message the relay acknowledged is never sent to again, unless the power goes before its row has
//   gone, which is the next thing that is done.
// - What was recalled is never sent.
// - While no link is usable, nothing expires, and no attempt counts.
#pragma once

#include "core/clock.h"
#include "net/dialer.h"
#include "net/event.h"
#include "net/resolver.h"
#include "office/office.h"
#include "policy/link.h"
#include "policy/link_timer.h"
#include "policy/outbox.h"
#include "policy/retry.h"
#include "relay/settlement.h"
#include "relay/standing.h"
#include "relay/transfer.h"
#include "store/queue.h"
#include "store/records.h"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace postern::relay {

namespace asio = boost::asio;

struct RelayStatus {
    std::string name;
    policy::LinkState state{};
    std::string trouble;  // why it is not usable; empty if it is, or was not tried yet
    bool refuses = false; // that is for somebody to see to: it answers, and takes no mail from us
    std::size_t waiting = 0;
    bool sending = false;
};

// The network thread's, as is all of the office's.
class Dispatcher {
public:
    // All outlive it; the coroutines that it spawns are destroyed with the office's context, before it.
    Dispatcher(office::Office& office, net::Dialer& dialer, net::Resolver& resolver, asio::any_io_executor executor);
    ~Dispatcher();

    // Reads relays and queue, and begins to send; until the office stops.
    store::Result<void> start();

    // Once the office stops: until what is being sent has come to its end, at most for so long.
    asio::awaitable<void> drained(core::SteadyTime::duration at_most);

    // ---- for the administrator

    // After a change of the relays in the store: what waits is routed anew, and tried at once.
    store::Result<void> relays_changed();
    [[nodiscard]] std::vector<RelayStatus> status() const;
    // Why it is still here.
    [[nodiscard]] Standing standing(store::QueueItem const& item) const;
    // Mail that no relay takes.
    [[nodiscard]] std::size_t unroutable() const { return outbox_.unroutable(); }

    // The system has another carrier, address or route than before: a link that is down may be there, and one that was
    // there be gone.
    void network_changed();
    // Tells senders of mail that waits for the link for long, and returns what waits longer than anything may; done by
    // itself every few minutes.
    asio::awaitable<void> look_for_outages();
    // Lets go what was scheduled, and sees to what is late by its sender's wish, once their time has come; done by
    // itself then.
    asio::awaitable<void> look_at_the_clock();
    // After a change of the settings.
    void settings_changed() { links_changed(); }

    // Opens a connection and closes it again; of one that is direct, to a server of `domain`. The error says what is
    // wrong, in words.
    asio::awaitable<std::expected<std::string, OpenFailure>> test(std::string relay, std::string domain);

    // Of one item. The error is a sentence: it is not there, or being sent at this moment. `by`: for the audit log.
    using Done = std::expected<void, std::string>;
    asio::awaitable<Done> remove(store::QueueItemId item, std::string by);
    asio::awaitable<Done> hold(store::QueueItemId item, bool hold, std::string by);
    // As if its time had come; and its relay's.
    asio::awaitable<Done> retry(store::QueueItemId item);
    // The same for all.
    asio::awaitable<Done> retry_all();

    // For office::Office::start_queue: as if the time had come of all that waits for there, and of its relays; but a
    // relay that has none of us is not asked more often for that.
    [[nodiscard]] office::QueueStart start_queue(policy::Node const& node);

private:
    class Calendar;
    class Carrier;
    class Courier;
    static constexpr std::size_t read_at_a_time = 1000; // queue items
    [[nodiscard]] static std::string domain_of(std::string_view address);
    struct News;
    // Of what was taken from the outbox.
    struct Out {
        enum class State : std::uint8_t { prepared, sending, recalled } state = State::sending;
        Courier const* by = nullptr; // null: somebody changes its row
    };

    asio::awaitable<void> watch_queue();
    asio::awaitable<void> read_again();
    asio::awaitable<void> keep_time();
    asio::awaitable<void> save_time();
    asio::awaitable<void> settle(Answerer by, std::vector<store::QueueItem> items, std::vector<Outcome> outcomes);
    asio::awaitable<void> keep(Settlement settlement);
    asio::awaitable<void> write_until_done(std::function<store::Result<void>(store::WriteTransaction&)> change);
    asio::awaitable<void> wait_for_store();
    store::Result<void> read_queue();
    asio::awaitable<void> doubt_no_more(std::vector<store::QueueItemId> items);
    void put(store::QueueItem const& item);
    void take_out(store::QueueItemId item); // of the outbox, for somebody who changes its row
    // What it does to the row, and notes in the audit log.
    using Edit = std::function<store::Result<void>(store::WriteTransaction&, store::QueueItem&)>;
    asio::awaitable<Done> change(store::QueueItemId id, Edit edit);
    void links_changed();
    void follow_time(); // the link's
    [[nodiscard]] bool is_usable(std::string_view relay) const;
    [[nodiscard]] policy::Outbox::IsUsable usable_relays() const;
    [[nodiscard]] bool is_ready(std::string_view relay, policy::Outbox::Wanted const& wanted) const;
    [[nodiscard]] core::LinkTime link_now() const { return timer_.now(office_.clock.steady()); }
    [[nodiscard]] policy::LinkLeave leave() const;
    [[nodiscard]] policy::RetryRules retry_rules() const;
    [[nodiscard]] double chance() const;

    office::Office& office_;
    net::Dialer& dialer_;
    net::Resolver& resolver_;
    asio::any_io_executor executor_;
    std::shared_ptr<News> news_; // of the queue; shared with what the store's writer posts
    store::Watch watch_;
    store::QueueItemId seen_{};     // the newest item that was read
    mutable policy::Outbox outbox_; // finds out what is due when it is asked
    policy::LinkTimer timer_;
    std::map<std::string, std::shared_ptr<Carrier>, std::less<>> carriers_; // by relay
    std::map<store::QueueItemId, Out> out_;
    std::unique_ptr<Calendar> calendar_;
    std::size_t settling_ = 0;                        // messages whose end is being written
    std::map<std::string, core::SteadyTime> started_; // by node: when a server came for its mail last
    net::Event progress_;                             // one of these, or a connection, came to its end
};

} // namespace postern::relay
