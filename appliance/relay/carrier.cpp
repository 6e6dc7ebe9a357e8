#include "relay/carrier.h"

#include "core/log.h"
#include "relay/background.h"
#include "relay/courier.h"
#include "relay/exchangers.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace postern::relay {

using asio::experimental::awaitable_operators::operator||;
using namespace std::chrono_literals;
using policy::Outbox;

namespace {

constexpr core::SteadyTime::duration until_woken = 24h;

// To a relay, at a time. Where each message waits for a round trip, as with DATA, so many keep a link of 64 kbit/s and
// 600 ms busy with messages of 4 KB; one keeps it at half, three at 87 %.
constexpr std::size_t most_couriers = 4;

// After a relay would have no further connection.
constexpr auto no_more_pause = 15min;

// Of one that is direct: to how many domains mail goes at a time; how long what was seen of the internet holds; how
// long a domain is left alone whose servers ended a connection before anything was done.
constexpr std::size_t most_domains = 8;
constexpr auto proof_lasts = 1min;
constexpr auto spared = 30s;

} // namespace

// It is kept alive from the start, which may come after the administrator took its relay away.
asio::awaitable<void> Dispatcher::Carrier::run(std::shared_ptr<Carrier> carrier) {
    Carrier& self = *carrier;
    while (!self.gone && !self.office().stop.raised()) {
        self.wake.clear();
        self.dispatcher_.follow_time(); // the hours in which the link may be used may have ended
        if (auto const wait = self.how_long()) {
            asio::steady_timer timer(self.dispatcher_.executor_, *wait);
            co_await (timer.async_wait(asio::as_tuple(asio::use_awaitable)) || self.wake.wait() ||
                      self.office().stop.wait());
            continue;
        }
        co_await self.open(carrier);
    }
}

asio::awaitable<void> Dispatcher::Carrier::open(std::shared_ptr<Carrier> const& self) {
    if (!trust_) {
        auto made = co_await TlsTrust::make(office(), relay.security, relay.authority);
        if (!made) co_return failed({Trouble::tls, made.error()});
        trust_.emplace(std::move(*made));
    }
    if (relay.is_direct()) {
        if (!link.usable() && !co_await find_out()) co_return;
        if (auto domain = next_domain()) send_out(self, Outbox::any_size, std::move(*domain));
    } else if (couriers_.empty()) {
        link.opening();
        send_out(self, Outbox::any_size, {});
    } else {
        send_out(self, Outbox::small, {});
    }
}

asio::awaitable<bool> Dispatcher::Carrier::find_out() {
    link.opening();
    bool const answers = co_await internet_answers(dispatcher_.resolver_, office().random);
    if (answers)
        worked();
    else
        failed({Trouble::unreachable, "no name server that knows the internet answers"});
    co_return answers;
}

void Dispatcher::Carrier::send_out(std::shared_ptr<Carrier> const& self, std::uint64_t largest, std::string domain) {
    auto const courier =
        couriers_.emplace_back(std::make_shared<Courier>(dispatcher_, *this, largest, std::move(domain)));
    asio::co_spawn(dispatcher_.executor_, Courier::run(self, courier), report_fault);
}

void Dispatcher::Carrier::over(Courier const& courier) {
    std::erase_if(couriers_, [&](auto const& one) { return one.get() == &courier; });
    wake.raise();
}

void Dispatcher::Carrier::doubt() {
    link.retry_now(office().clock.steady());
    for (auto const& courier : couriers_) courier->doubt();
}

void Dispatcher::Carrier::hasten(policy::Node const& node) {
    std::erase_if(spared_until_, [&](auto const& one) { return node.contains(one.first); });
    if (!refuses) doubt();
}

bool Dispatcher::Carrier::may_send() const { return !gone && !office().stop.raised() && dispatcher_.leave().open(); }

bool Dispatcher::Carrier::sending() const {
    return std::ranges::any_of(couriers_, [](auto const& courier) { return courier->sending(); });
}

bool Dispatcher::Carrier::has_mail() const {
    return dispatcher_.outbox_.has_mail(relay.name, dispatcher_.usable_relays());
}

std::optional<core::SteadyTime::duration> Dispatcher::Carrier::how_long() const {
    if (!may_send()) return until_something_is_due();
    if (!couriers_.empty()) return another_is_wanted() ? std::nullopt : std::optional(until_something_is_due());
    auto const opening = link.next_opening();
    if (!opening) return until_woken;
    // A link that is down is tried for mail whose time has not come as well: without a link it never comes.
    bool const wanted = !link.usable()      ? has_mail()
                        : relay.is_direct() ? next_domain().has_value()
                                            : dispatcher_.is_ready(relay.name, {});
    if (!wanted) return until_something_is_due();
    auto const until_then = *opening - office().clock.steady();
    return until_then > 0s ? std::optional(until_then) : std::nullopt;
}

bool Dispatcher::Carrier::another_is_wanted() const {
    if (link.state() != policy::LinkState::usable) return false;
    if (relay.is_direct()) return couriers_.size() < most_domains && next_domain();
    return couriers_.size() < most_couriers &&
           std::ranges::all_of(
               couriers_, [](auto const& courier) { return courier->is_slow(); }) &&
           office().clock.steady() >= no_more_before_ && dispatcher_.is_ready(relay.name, {.largest = Outbox::small});
}

std::optional<std::string> Dispatcher::Carrier::next_domain() const {
    auto const now = office().clock.steady();
    return dispatcher_.outbox_.next_domain(relay.name, dispatcher_.link_now(), dispatcher_.usable_relays(),
                                           dispatcher_.leave().largest, [&](std::string_view domain) {
                                               auto const found = spared_until_.find(domain);
                                               return std::ranges::contains(couriers_, domain, &Courier::domain) ||
                                                      (found != spared_until_.end() && now < found->second);
                                           });
}

bool Dispatcher::Carrier::worked_lately() const {
    return worked_ != core::SteadyTime{} && office().clock.steady() - worked_ < proof_lasts;
}

void Dispatcher::Carrier::spare(std::string const& domain) {
    auto const now = office().clock.steady();
    std::erase_if(spared_until_, [&](auto const& one) { return one.second <= now; });
    spared_until_.insert_or_assign(domain, now + spared);
    wake.raise();
}

core::SteadyTime::duration Dispatcher::Carrier::until_something_is_due() const {
    core::SteadyTime::duration until = until_woken;
    if (auto const changes = dispatcher_.leave().changes_in)
        until = std::min<core::SteadyTime::duration>(until, *changes);
    if (auto const next = dispatcher_.outbox_.next_ready(relay.name); next && dispatcher_.timer_.runs())
        until = std::min<core::SteadyTime::duration>(until, *next - dispatcher_.link_now());
    auto const now = office().clock.steady();
    for (auto const& [domain, then] : spared_until_)
        if (then > now) until = std::min(until, then - now);
    return std::max<core::SteadyTime::duration>(until, 1s);
}

void Dispatcher::Carrier::worked() {
    bool const was = link.usable();
    worked_ = office().clock.steady();
    link.worked(worked_);
    trouble.clear();
    refuses = false;
    if (!was) core::log(core::Event::relay_usable, {{"relay", relay.name}});
    dispatcher_.links_changed();
}

// What keeps a further connection from a relay says nothing of the first.
void Dispatcher::Carrier::failed(Courier const& courier, OpenFailure const& failure) {
    if (courier.largest == Outbox::small)
        no_more_before_ = office().clock.steady() + no_more_pause;
    else
        failed(failure);
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
