#include "relay/courier.h"

#include "core/log.h"
#include "relay/background.h"
#include "relay/carrier.h"
#include "relay/exchangers.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <format>
#include <ranges>
#include <utility>

namespace postern::relay {

using asio::experimental::awaitable_operators::operator||;
using namespace std::chrono_literals;
using policy::Outbox;
using store::QueueItem;
using store::QueueItemId;

namespace {

// Prepared at a time: marked in the store by one commit.
constexpr std::size_t most_prepared = 32;
constexpr std::uint64_t most_prepared_octets = 512 * 1024;

// RFC 5321 §4.5.3.1.8: every server takes so many recipients of a message.
constexpr std::size_t most_recipients = 100;

// RFC 5321 §5.1: more than two; a domain has a few.
constexpr std::size_t most_exchangers = 5;

// How long a connection waits for more mail: the next message of who just sent one.
constexpr auto linger = 5s;

} // namespace

asio::awaitable<void> Dispatcher::Courier::run(std::shared_ptr<Carrier> carrier, std::shared_ptr<Courier> courier) {
    bool broken = false;
    try {
        co_await courier->work();
    } catch (std::exception const& fault) {
        broken = true;
        core::log(core::Event::session_broken, {{"relay", carrier->relay.name}, {"what", fault.what()}});
    }
    if (broken) co_await courier->recover();
    carrier->over(*courier);
}

asio::awaitable<void> Dispatcher::Courier::work() {
    std::unique_ptr<Upstream> upstream;
    if (domain.empty()) {
        auto opened = co_await Upstream::open(office(), dispatcher_.dialer_, carrier_.relay, carrier_.relay.host,
                                              carrier_.trust());
        if (!opened) co_return carrier_.failed(*this, opened.error());
        upstream = std::move(*opened);
    } else {
        auto opened = co_await open_domain();
        if (!opened) co_return co_await meet(std::move(opened.error()));
        upstream = std::move(*opened);
    }
    host_ = upstream->host();
    carrier_.worked();
    upstream_ = upstream.get();
    co_await send(*upstream);
    upstream_ = nullptr;
    dispatcher_.progress_.raise();
    give_back();
    co_await upstream->quit();
}

asio::awaitable<std::expected<std::unique_ptr<Upstream>, Dispatcher::Courier::Obstacle>>
Dispatcher::Courier::open_domain() {
    auto const obstacle = [](Verdict verdict, std::string said, std::string status, bool proves_link) {
        return std::unexpected(Obstacle{{verdict, std::move(said), std::move(status)}, proves_link});
    };
    auto const exchangers = co_await find_exchangers(dispatcher_.resolver_, domain);
    if (!exchangers) {
        switch (exchangers.error().failure) {
        case net::LookUpFailure::no_mail: // RFC 7505 §4.1
            co_return obstacle(Verdict::refused, "556 5.1.10 The domain takes no mail", "5.1.10", true);
        case net::LookUpFailure::no_such_name:
        case net::LookUpFailure::no_such_records:
            co_return obstacle(Verdict::refused, "550 5.1.2 There is no such domain", "5.1.2", false);
        case net::LookUpFailure::perhaps_no_such_name:
        case net::LookUpFailure::server_failed:
        case net::LookUpFailure::no_answer: break;
        }
        co_return obstacle(Verdict::refused_for_now,
                           std::format("451 4.4.3 {} cannot be looked up: {}", domain, exchangers.error().reason),
                           "4.4.3", false);
    }
    OpenFailure last{};
    bool answered = false;
    for (auto const& exchanger : *exchangers | std::views::take(most_exchangers)) {
        auto opened =
            co_await Upstream::open(office(), dispatcher_.dialer_, carrier_.relay, exchanger.host, carrier_.trust());
        if (opened) co_return std::move(*opened);
        last = std::move(opened.error());
        host_ = exchanger.host;
        answered = answered || last.trouble != Trouble::unreachable;
    }
    // RFC 5321 §5.1: the domain stands for its server where it names none, but may have no address.
    if (exchangers->front().host == domain)
        if (auto const addresses = co_await dispatcher_.resolver_.addresses(domain);
            !addresses && addresses.error().failure == net::LookUpFailure::no_such_records)
            co_return obstacle(Verdict::refused, "550 5.1.2 The domain has no mail server", "5.1.2", false);
    // What one of them refuses at the door the next one may take, today or tomorrow.
    co_return obstacle(Verdict::refused_for_now, std::format("451 4.4.1 {}", last.reason), "4.4.1", answered);
}

asio::awaitable<void> Dispatcher::Courier::meet(Obstacle obstacle) {
    if (!obstacle.proves_link && !co_await internet_is_there()) co_return;
    carrier_.worked();
    while (carrier_.may_send() && co_await prepare())
        for (Consignment& consignment : std::exchange(prepared_, {})) {
            std::vector<Outcome> const outcomes(consignment.items.size(), obstacle.outcome);
            settled(std::move(consignment), outcomes);
        }
}

asio::awaitable<bool> Dispatcher::Courier::internet_is_there() {
    if (carrier_.worked_lately()) co_return true;
    if (co_await internet_answers(dispatcher_.resolver_, office().random)) co_return true;
    carrier_.failed(*this, {Trouble::unreachable, "no name server that knows the internet answers"});
    co_return false;
}

asio::awaitable<void> Dispatcher::Courier::lost(OpenFailure failure, bool at_once) {
    if (!domain.empty()) {
        if (at_once) carrier_.spare(domain); // one that ends every connection is not asked again and again
        if (failure.trouble == Trouble::unreachable)
            (void)co_await internet_is_there();
        else
            co_await meet({{Verdict::refused_for_now, "451 4.7.0 " + failure.reason, "4.7.0"}, true});
        co_return;
    }
    // One that ends a connection after some messages is asked again at once.
    if (failure.trouble != Trouble::unreachable || at_once)
        carrier_.failed(*this, failure);
    else
        carrier_.worked();
}

asio::awaitable<std::optional<Consignment>> Dispatcher::Courier::next() {
    while (carrier_.may_send()) {
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
        if (consignment.items.empty()) continue;
        at_large_ = !consignment.is_small();
        if (at_large_) carrier_.wake.raise();
        co_return consignment;
    }
    co_return std::nullopt;
}

void Dispatcher::Courier::settled(Consignment consignment, std::vector<Outcome> outcomes) {
    if (!consignment.is_small()) at_large_ = false;
    for (QueueItem const& item : consignment.items)
        if (auto const out = dispatcher_.out_.find(item.id); out != dispatcher_.out_.end())
            out->second.by = nullptr; // from now on it is settle()'s
    asio::co_spawn(dispatcher_.executor_,
                   dispatcher_.settle({carrier_.relay.name, host_}, std::move(consignment.items), std::move(outcomes)),
                   report_fault);
}

asio::awaitable<void> Dispatcher::Courier::recover() {
    upstream_ = nullptr;
    prepared_.clear();
    carrier_.failed(*this, {Trouble::unreachable, "a fault of our own ended the connection"});
    std::vector<QueueItemId> ids;
    for (auto const& [id, out] : dispatcher_.out_)
        if (out.by == this) ids.push_back(id);
    co_await put_later({ids});
}

void Dispatcher::Courier::doubt() {
    if (upstream_ != nullptr) upstream_->connection().probe();
}

bool Dispatcher::Courier::is_slow() const {
    return upstream_ != nullptr && (at_large_ || (!prepared_.empty() && !upstream_->extensions().chunking));
}

policy::Outbox::Wanted Dispatcher::Courier::wanted() const {
    return {std::min(largest, dispatcher_.leave().largest), domain};
}

// RFC 5321 §4.5.3.1.8, or what the relay says (RFC 9422).
std::size_t Dispatcher::Courier::recipients_at_a_time() const {
    auto const told = upstream_ == nullptr ? std::nullopt : upstream_->extensions().rcpt_max;
    return static_cast<std::size_t>(std::min<std::uint64_t>(most_recipients, told.value_or(most_recipients)));
}

bool Dispatcher::Courier::is_ready() const { return dispatcher_.is_ready(carrier_.relay.name, wanted()); }

asio::awaitable<void> Dispatcher::Courier::send(Upstream& upstream) {
    while (carrier_.may_send()) {
        if (!is_ready() && prepared_.empty() && !co_await more_comes()) co_return;
        auto const end = co_await transfer(office(), upstream, *this);
        if (!end.failure) {
            carrier_.worked();
            if (end.exhausted) co_return;
            continue;
        }
        co_return co_await lost(*end.failure, end.transactions == 0);
    }
}

asio::awaitable<bool> Dispatcher::Courier::more_comes() {
    asio::steady_timer timer(dispatcher_.executor_, linger);
    while (carrier_.may_send() && !is_ready() && timer.expiry() > std::chrono::steady_clock::now()) {
        carrier_.wake.clear();
        co_await (timer.async_wait(asio::as_tuple(asio::use_awaitable)) || carrier_.wake.wait() ||
                  office().stop.wait());
    }
    co_return is_ready();
}

asio::awaitable<bool> Dispatcher::Courier::prepare() {
    std::vector<std::vector<QueueItemId>> taken;
    std::uint64_t octets = 0;
    while (taken.size() < most_prepared && octets < most_prepared_octets) {
        auto one = dispatcher_.outbox_.take(carrier_.relay.name, dispatcher_.link_now(), recipients_at_a_time(),
                                            dispatcher_.usable_relays(), wanted());
        if (!one) break;
        for (QueueItemId const id : one->items) dispatcher_.out_.emplace(id, Out{Out::State::prepared, this});
        octets += one->size;
        taken.push_back(std::move(one->items));
    }
    if (taken.empty()) co_return false;
    using Marked = std::vector<std::vector<QueueItemId>>;
    auto const marked = co_await office().storage.write(
        [taken, now = office().clock.wall()](store::WriteTransaction& transaction) -> store::Result<Marked> {
            Marked sent;
            for (auto const& items : taken) {
                auto& of_message = sent.emplace_back();
                for (QueueItemId const id : items) {
                    auto item = store::get_queue_item(transaction, id);
                    // Recalled, or kept back: whoever did that was told that it is not sent.
                    if (!item || item->held || item->withdrawn) continue;
                    item->under_way = true;
                    item->last_attempt = now;
                    (void)store::save_queue_item(transaction, *item);
                    of_message.push_back(id);
                }
            }
            return sent;
        });
    // On the readers' side, where a page may have to come from flash.
    using Loaded = std::vector<Consignment>;
    store::Result<Loaded> loaded = std::unexpected(store::StoreError::failed);
    if (marked)
        loaded = co_await office().storage.read(
            [ids = *marked](store::ReadTransaction const& transaction) -> store::Result<Loaded> {
                Loaded consignments;
                for (auto const& items : ids) consignments.push_back(load(transaction, items));
                return consignments;
            });
    if (!loaded) {
        co_await pause(dispatcher_.executor_, store_pause, office().stop);
        co_await put_later(std::move(taken));
        co_return false;
    }
    for (std::size_t at = 0; at < taken.size(); ++at) {
        auto& consignment = (*loaded)[at];
        for (QueueItemId const id : taken[at])
            if (!std::ranges::contains(consignment.items, id, &QueueItem::id)) dispatcher_.out_.erase(id);
        std::vector<Outcome> const unread(consignment.items.size(), unreadable());
        if (!consignment.readable)
            settled(std::move(consignment), unread);
        else if (!consignment.items.empty())
            prepared_.push_back(std::move(consignment));
    }
    if (is_slow()) carrier_.wake.raise();
    co_return true;
}

asio::awaitable<void> Dispatcher::Courier::put_later(std::vector<std::vector<QueueItemId>> taken) {
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

void Dispatcher::Courier::give_back() {
    for (Consignment& consignment : std::exchange(prepared_, {})) {
        std::vector<Outcome> const outcomes(consignment.items.size());
        settled(std::move(consignment), outcomes);
    }
}

} // namespace postern::relay
