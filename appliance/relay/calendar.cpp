#include "relay/calendar.h"

#include "office/directory.h"
#include "relay/background.h"
#include "relay/inside.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <utility>

namespace postern::relay {

using asio::experimental::awaitable_operators::operator||;
using namespace std::chrono_literals;
using store::QueueItem;
using store::QueueItemId;

namespace {

constexpr auto outage_look = 10min; // between two looks for mail that waits for the link for long
constexpr auto clock_look = 1min;   // between two looks at the clock, while something is due by it

// When something becomes of it by the clock on the wall: it may leave, or it is late.
std::optional<store::WallTime> due_time(QueueItem const& item) {
    auto const& wishes = item.transfer;
    if (item.scheduled) return wishes.release;
    bool const never = wishes.deliver_by == store::WallTime{} || (wishes.late_told && !wishes.late_returns);
    return never ? std::nullopt : std::optional(wishes.deliver_by);
}

// Since when it could leave.
store::WallTime waiting_since(QueueItem const& item) { return std::max(item.queued, item.transfer.release); }

} // namespace

void Dispatcher::Calendar::start() {
    asio::co_spawn(dispatcher_.executor_, tell_of_outages(), report_fault);
    asio::co_spawn(dispatcher_.executor_, watch_the_clock(), report_fault);
}

void Dispatcher::Calendar::note(QueueItem const& item) {
    auto const time = due_time(item);
    if (!time) return;
    due_.emplace(*time, item.id);
    if (due_.begin()->second == item.id) due_sooner_.raise();
}

// Of what waits for a link that does not come, its sender is told once.
asio::awaitable<void> Dispatcher::Calendar::tell_of_outages() {
    while (!office().stop.raised()) {
        co_await pause(dispatcher_.executor_, outage_look, office().stop);
        if (!office().stop.raised()) co_await look_for_outages();
    }
}

asio::awaitable<void> Dispatcher::Calendar::look_for_outages() {
    auto const now = office().clock.wall();
    auto const late = now - office().settings->seconds("queue.outage_notice");
    auto const limit = office().settings->seconds("queue.wall_limit");
    QueueItemId last{};
    while (true) {
        auto const items = co_await office().storage.read(
            [last](store::ReadTransaction const& transaction) -> store::Result<std::vector<QueueItem>> {
                return store::list_queue(transaction, read_at_a_time, last);
            });
        if (!items || items->empty()) co_return;
        last = items->back().id;
        Settlement settlement; // of a message
        for (QueueItem item : *items) {
            if (item.scheduled || item.withdrawn || dispatcher_.out_.contains(item.id)) continue;
            bool const is_over = limit > 0s && waiting_since(item) + limit <= now;
            bool const tell = !item.held && !item.delay_told && waiting_since(item) <= late;
            auto const kind = is_over ? NoticeKind::expired : tell ? outage_of(item) : std::nullopt;
            if (!kind) continue;
            if (!settlement.notices.empty() && settlement.notices.front().item.message != item.message)
                co_await dispatcher_.keep(std::exchange(settlement, {}));
            dispatcher_.take_out(item.id);
            if (is_over) {
                settlement.give_back(*kind, item, {.said = "", .status = "4.4.7"}, {});
            } else {
                item.delay_told = true;
                settlement.notices.push_back({*kind, item, "", "4.4.1", ""});
                settlement.waiting.push_back(std::move(item));
            }
        }
        if (!settlement.notices.empty()) co_await dispatcher_.keep(std::move(settlement));
        if (items->size() < read_at_a_time) co_return;
    }
}

asio::awaitable<void> Dispatcher::Calendar::watch_the_clock() {
    while (!office().stop.raised()) {
        due_sooner_.clear();
        // The clock on the wall may be set: no wait is long.
        if (due_.empty())
            co_await (due_sooner_.wait() || office().stop.wait());
        else if (auto const wait = due_.begin()->first - office().clock.wall(); wait > 0s)
            co_await (pause(dispatcher_.executor_, std::min<std::chrono::seconds>(wait, clock_look), office().stop) ||
                      due_sooner_.wait());
        if (!office().stop.raised()) co_await look_at_the_clock();
    }
}

asio::awaitable<void> Dispatcher::Calendar::look_at_the_clock() {
    std::set<QueueItemId> ids; // those of a message stand together
    auto const now = office().clock.wall();
    while (!due_.empty() && due_.begin()->first <= now) ids.insert(due_.extract(due_.begin()).value().second);
    std::vector<QueueItem> released; // of a message
    Settlement late;                 // of one, too
    for (QueueItemId const id : ids) {
        if (dispatcher_.out_.contains(id)) continue; // it is put again
        auto const read = office().storage.read_here(
            [id](store::ReadTransaction const& transaction) -> store::Result<std::optional<QueueItem>> {
                return store::get_queue_item(transaction, id);
            });
        if (!read || !*read) continue; // it is gone
        QueueItem const& item = **read;
        // What is held back is put again once it is not.
        if (item.withdrawn || (item.scheduled && item.held)) continue;
        if (auto const due = due_time(item); !due || *due > now) continue;
        if (!released.empty() && released.front().message != item.message)
            co_await release(std::exchange(released, {}));
        if (!late.notices.empty() && late.notices.front().item.message != item.message)
            co_await dispatcher_.keep(std::exchange(late, {}));
        dispatcher_.take_out(id);
        if (item.scheduled)
            released.push_back(item);
        else
            be_late(item, late);
    }
    if (!released.empty()) co_await release(std::move(released));
    if (!late.notices.empty()) co_await dispatcher_.keep(std::move(late));
}

// Of one message, and out of the outbox.
asio::awaitable<void> Dispatcher::Calendar::release(std::vector<QueueItem> items) {
    Settlement settlement;
    std::vector<QueueItem> inside;
    for (QueueItem& item : items) {
        item.scheduled = false;
        item.since = item.next_attempt = dispatcher_.link_now();
        bool const here = office::is_local_domain(domain_of(item.recipient), office().domain, *office().settings);
        (here ? inside : settlement.waiting).push_back(std::move(item));
    }
    if (!inside.empty()) {
        auto failures = co_await deliver_inside(office(), inside);
        for (QueueItem const& item : inside) {
            dispatcher_.out_.erase(item.id);
            if (!failures) due_.emplace(office().clock.wall() + clock_look, item.id); // the store takes nothing now
        }
        for (Notice& failure : std::move(failures).value_or(std::vector<Notice>())) {
            dispatcher_.take_out(failure.item.id);
            settlement.returned.push_back(failure.item.id);
            settlement.notices.push_back(std::move(failure));
        }
    }
    if (!settlement.waiting.empty() || !settlement.notices.empty()) co_await dispatcher_.keep(std::move(settlement));
}

// RFC 2852 §4.1.1
void Dispatcher::Calendar::be_late(QueueItem item, Settlement& settlement) {
    if (item.transfer.late_returns)
        return settlement.give_back(NoticeKind::too_late, item, {.said = "", .status = "5.4.7"}, {});
    item.transfer.late_told = true;
    settlement.notices.push_back({NoticeKind::late, item, "", "4.4.7", ""});
    settlement.waiting.push_back(std::move(item));
}

// Nothing: one of its relays takes mail, or it was told that it has to wait by a server, or leaves when its hour comes.
std::optional<NoticeKind> Dispatcher::Calendar::outage_of(QueueItem const& item) const {
    using Why = Standing::Why;
    switch (dispatcher_.standing(item).why) {
    case Why::no_link: return NoticeKind::no_internet;
    case Why::no_relay: // nobody is there to take it: that is the administrator's to mend, too
    case Why::relay_refuses: return NoticeKind::relay_refuses;
    case Why::link_held:
    case Why::budget:
    case Why::too_large_for_link: return NoticeKind::link_held;
    case Why::next:
    case Why::put_off:
    case Why::schedule:
    case Why::held:
    case Why::scheduled:
    case Why::withdrawn: return std::nullopt;
    }
    std::unreachable();
}

} // namespace postern::relay
