#include "relay/carrier.h"

#include "core/log.h"
#include "relay/background.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace postern::relay {

using asio::experimental::awaitable_operators::operator||;
using namespace std::chrono_literals;
using store::QueueItem;
using store::QueueItemId;

namespace {

// Prepared at a time: marked in the store by one commit.
constexpr std::size_t most_prepared = 32;
constexpr std::uint64_t most_prepared_octets = 512 * 1024;

// RFC 5321 §4.5.3.1.8: every server takes so many recipients of a message.
constexpr std::size_t most_recipients = 100;

// How long a connection waits for more mail: the next message of who just sent one.
constexpr auto linger = 5s;

} // namespace

// It is kept alive from the start, which may come after the administrator took its relay away.
asio::awaitable<void> Dispatcher::Carrier::run(std::shared_ptr<Carrier> carrier) {
    while (!carrier->gone && !carrier->office().stop.raised()) {
        bool broken = false;
        try {
            co_await carrier->work();
        } catch (std::exception const& fault) {
            broken = true;
            core::log(core::Event::session_broken, {{"relay", carrier->relay.name}, {"what", fault.what()}});
        }
        if (broken) co_await carrier->recover();
    }
}

asio::awaitable<std::optional<Consignment>> Dispatcher::Carrier::next() {
    while (may_send()) {
        if (prepared_.empty() && !co_await prepare()) co_return std::nullopt;
        if (prepared_.empty()) continue;
        Consignment consignment = std::move(prepared_.front());
        prepared_.pop_front();
        auto& out = dispatcher_.out_;
        std::erase_if(consignment.items, [&](QueueItem const& item) {
            auto const at = out.find(item.id);
            bool const recalled = at->second.state == Out::State::recalled;
            if (recalled)
                out.erase(at);
            else
                at->second.state = Out::State::sending;
            return recalled;
        });
        if (!consignment.items.empty()) co_return consignment;
    }
    co_return std::nullopt;
}

void Dispatcher::Carrier::settled(Consignment consignment, std::vector<Outcome> outcomes) {
    for (QueueItem const& item : consignment.items)
        if (auto const out = dispatcher_.out_.find(item.id); out != dispatcher_.out_.end())
            out->second.by = nullptr; // from now on it is settle()'s
    asio::co_spawn(dispatcher_.executor_,
                   dispatcher_.settle(relay.name, std::move(consignment.items), std::move(outcomes)), report_fault);
}

void Dispatcher::Carrier::doubt() {
    link.retry_now(office().clock.steady());
    if (upstream_ != nullptr) upstream_->connection().probe();
}

bool Dispatcher::Carrier::may_send() const {
    return !gone && !office().settings->flag("link.hold") && !office().stop.raised();
}

bool Dispatcher::Carrier::is_ready() const {
    return dispatcher_.outbox_.is_ready(relay.name, dispatcher_.link_now(),
                                        [this](std::string_view one) { return dispatcher_.is_usable(one); });
}

bool Dispatcher::Carrier::has_mail() const {
    return dispatcher_.outbox_.has_mail(relay.name,
                                        [this](std::string_view one) { return dispatcher_.is_usable(one); });
}

asio::awaitable<void> Dispatcher::Carrier::work() {
    while (!gone && !office().stop.raised()) {
        wake.clear();
        if (auto const wait = how_long()) {
            asio::steady_timer timer(dispatcher_.executor_, *wait);
            co_await (timer.async_wait(asio::as_tuple(asio::use_awaitable)) || wake.wait() || office().stop.wait());
            continue;
        }
        co_await carry();
    }
}

asio::awaitable<void> Dispatcher::Carrier::recover() {
    upstream_ = nullptr;
    sending = false;
    prepared_.clear();
    link.failed(office().clock.steady());
    std::vector<QueueItemId> ids;
    for (auto const& [id, out] : dispatcher_.out_)
        if (out.by == this) ids.push_back(id);
    co_await put_later({ids});
}

std::optional<core::SteadyTime::duration> Dispatcher::Carrier::how_long() const {
    constexpr core::SteadyTime::duration until_woken = 24h;
    auto const now = office().clock.steady();
    if (!may_send()) return until_woken;
    auto const opening = link.next_opening();
    if (!opening) return until_woken;
    auto const until_then = *opening - now;
    // A link that is down is tried for mail whose time has not come as well: without a link it never comes.
    bool const wanted = link.usable() ? is_ready() : has_mail();
    if (wanted) return until_then > 0s ? std::optional(until_then) : std::nullopt;
    auto const next = dispatcher_.outbox_.next_ready(relay.name);
    if (!next || !dispatcher_.timer_.runs()) return until_woken;
    return std::clamp<core::SteadyTime::duration>(*next - dispatcher_.link_now(), 1s, until_woken);
}

asio::awaitable<void> Dispatcher::Carrier::carry() {
    link.opening();
    if (!trust_) {
        auto made = co_await TlsTrust::make(office(), relay);
        if (!made) co_return failed({Trouble::tls, made.error()});
        trust_.emplace(std::move(*made));
    }
    auto opened = co_await Upstream::open(office(), dispatcher_.dialer_, relay, *trust_);
    if (!opened) co_return failed(opened.error());
    Upstream& upstream = **opened;
    worked();
    sending = true;
    upstream_ = &upstream;
    co_await send(upstream);
    upstream_ = nullptr;
    sending = false;
    dispatcher_.progress_.raise();
    give_back();
    co_await upstream.quit();
}

asio::awaitable<void> Dispatcher::Carrier::send(Upstream& upstream) {
    while (may_send()) {
        if (!is_ready() && prepared_.empty() && !co_await more_comes()) co_return;
        auto const end = co_await transfer(office(), upstream, *this);
        if (!end.failure) {
            worked();
            if (end.exhausted) co_return;
            continue;
        }
        // One that ends a connection after some messages is asked again at once.
        if (end.failure->trouble != Trouble::unreachable || end.transactions == 0)
            failed(*end.failure);
        else
            worked();
        co_return;
    }
}

asio::awaitable<bool> Dispatcher::Carrier::more_comes() {
    asio::steady_timer timer(dispatcher_.executor_, linger);
    while (may_send() && !is_ready() && timer.expiry() > std::chrono::steady_clock::now()) {
        wake.clear();
        co_await (timer.async_wait(asio::as_tuple(asio::use_awaitable)) || wake.wait() || office().stop.wait());
    }
    co_return is_ready();
}

asio::awaitable<bool> Dispatcher::Carrier::prepare() {
    std::vector<std::vector<QueueItemId>> taken;
    std::uint64_t octets = 0;
    while (taken.size() < most_prepared && octets < most_prepared_octets) {
        auto one = dispatcher_.outbox_.take(relay.name, dispatcher_.link_now(), most_recipients,
                                            [this](std::string_view name) { return dispatcher_.is_usable(name); });
        if (!one) break;
        for (QueueItemId const id : one->items) dispatcher_.out_.emplace(id, Out{Out::State::prepared, this});
        octets += one->size;
        taken.push_back(std::move(one->items));
    }
    if (taken.empty()) co_return false;
    auto marked = co_await office().storage.write(
        [taken, now = office().clock.wall()](store::WriteTransaction& transaction) -> store::Result<void> {
            for (auto const& items : taken)
                for (QueueItemId const id : items) {
                    auto item = store::get_queue_item(transaction, id);
                    if (!item) continue; // it was recalled
                    item->under_way = true;
                    item->last_attempt = now;
                    (void)store::save_queue_item(transaction, *item);
                }
            return {};
        });
    // On the readers' side, where a page may have to come from flash.
    auto loaded = co_await office().storage.read(
        [taken](store::ReadTransaction const& transaction) -> store::Result<std::vector<store::Result<Consignment>>> {
            std::vector<store::Result<Consignment>> consignments;
            for (auto const& items : taken) consignments.push_back(load(transaction, items));
            return consignments;
        });
    if (!marked || !loaded) {
        co_await pause(dispatcher_.executor_, store_pause, office().stop);
        co_await put_later(taken);
        co_return false;
    }
    for (std::size_t at = 0; at < taken.size(); ++at) {
        auto& consignment = (*loaded)[at];
        if (!consignment) {
            co_await put_later({taken[at]});
            continue;
        }
        for (QueueItemId const id : taken[at])
            if (!std::ranges::contains(consignment->items, id, &QueueItem::id)) dispatcher_.out_.erase(id);
        if (!consignment->items.empty()) prepared_.push_back(std::move(*consignment));
    }
    co_return true;
}

asio::awaitable<void> Dispatcher::Carrier::put_later(std::vector<std::vector<QueueItemId>> taken) {
    while (!office().stop.raised()) {
        auto const items = co_await office().storage.read(
            [taken](store::ReadTransaction const& transaction) -> store::Result<std::vector<QueueItem>> {
                std::vector<QueueItem> there;
                for (auto const& ids : taken)
                    for (QueueItemId const id : ids)
                        if (auto item = store::get_queue_item(transaction, id)) there.push_back(std::move(*item));
                return there;
            });
        if (!items) {
            co_await pause(dispatcher_.executor_, store_pause, office().stop);
            continue;
        }
        for (auto const& ids : taken)
            for (QueueItemId const id : ids) dispatcher_.out_.erase(id);
        for (QueueItem item : *items) {
            item.next_attempt = dispatcher_.link_now() + 1min; // in memory alone
            dispatcher_.put(item);
        }
        co_return;
    }
}

void Dispatcher::Carrier::give_back() {
    for (Consignment& consignment : std::exchange(prepared_, {})) {
        std::vector<Outcome> const outcomes(consignment.items.size());
        settled(std::move(consignment), outcomes);
    }
}

void Dispatcher::Carrier::worked() {
    bool const was = link.usable();
    link.worked(office().clock.steady());
    trouble.clear();
    refuses = false;
    if (!was) core::log(core::Event::relay_usable, {{"relay", relay.name}});
    dispatcher_.links_changed();
}

void Dispatcher::Carrier::failed(OpenFailure const& failure) {
    auto const now = office().clock.steady();
    bool const known = trouble == failure.reason;
    trouble = failure.reason;
    refuses = failure.trouble != Trouble::unreachable;
    switch (failure.trouble) {
    case Trouble::unreachable:
        link.failed(now);
        if (!known) core::log(core::Event::relay_unreachable, {{"relay", relay.name}, {"reason", failure.reason}});
        break;
    case Trouble::refused:
    case Trouble::tls:
    case Trouble::login:
        link.refused(now);
        if (!known) core::log(core::Event::relay_refuses, {{"relay", relay.name}, {"reason", failure.reason}});
        break;
    }
    dispatcher_.links_changed();
}

} // namespace postern::relay
