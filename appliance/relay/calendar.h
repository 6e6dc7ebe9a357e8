// What becomes of mail by the clock on the wall, wherever it stands with its relay: what was scheduled leaves (RFC
// 4865), what is late by its sender's wish comes back, or its sender is told (RFC 2852), and so it is with what waits
// for long. The dispatcher's, and part of it.
#pragma once

#include "net/event.h"
#include "relay/dispatcher.h"
#include "relay/settlement.h"
#include "store/records.h"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace postern::relay {

class Dispatcher::Calendar {
public:
    explicit Calendar(Dispatcher& dispatcher) : dispatcher_(dispatcher), due_sooner_(dispatcher.executor_) {}

    // Looks when something is due, until the office stops.
    void start();

    // Of each item as it is put; it need not hear of its end.
    void note(store::QueueItem const& item);
    void clear() { due_.clear(); }

    // Dispatcher's, of the same names.
    asio::awaitable<void> look_for_outages();
    asio::awaitable<void> look_at_the_clock();

private:
    [[nodiscard]] office::Office& office() const { return dispatcher_.office_; }

    asio::awaitable<void> tell_of_outages();
    asio::awaitable<void> watch_the_clock();
    asio::awaitable<void> release(std::vector<store::QueueItem> items);
    void be_late(store::QueueItem item, Settlement& settlement);
    [[nodiscard]] std::optional<NoticeKind> outage_of(store::QueueItem const& item) const;

    Dispatcher& dispatcher_;
    std::set<std::pair<store::WallTime, store::QueueItemId>> due_; // of an item that is gone, nothing becomes
    net::Event due_sooner_;
};

} // namespace postern::relay
