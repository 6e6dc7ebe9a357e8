#include "relay/dispatcher.h"

#include "core/log.h"
#include "message/address.h"
#include "policy/retry.h"
#include "relay/background.h"
#include "relay/calendar.h"
#include "relay/carrier.h"
#include "relay/exchangers.h"
#include "store/audit.h"
#include "store/relays.h"
#include "text/ascii.h"
#include "text/idn.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <atomic>
#include <format>
#include <utility>

namespace postern::relay {

using asio::experimental::awaitable_operators::operator||;
using namespace std::chrono_literals;
using core::number;
using store::QueueItem;
using store::QueueItemId;

namespace {

constexpr auto time_saving = 10min; // between two times that the link's time is written, while mail waits
constexpr auto start_pause = 30s;   // between two times that what waits for a node is tried because it says so
// RFC 6710: what its sender asked for, else what the message says of itself, by the levels of MIXER (RFC 2156 §5.3.6).
int priority_of(QueueItem const& item) {
    constexpr int highest = 9, urgent = 4, normal = 0, non_urgent = -4;
    if (item.flagged) return highest;
    if (item.transfer.priority) return *item.transfer.priority;
    switch (item.urgency) {
    case core::Urgency::urgent: return urgent;
    case core::Urgency::normal: return normal;
    case core::Urgency::bulk: return non_urgent;
    }
    std::unreachable();
}

// For the audit log.
std::string about(QueueItem const& item, std::string_view by) {
    return std::format("item={} from={} to={} by={}", number(item.id), item.reverse_path, item.recipient, by);
}

} // namespace

// The store's writer rings it; the dispatcher looks.
struct Dispatcher::News {
    explicit News(asio::any_io_executor const& executor) : event(executor) {}
    net::Event event;
    std::atomic<bool> posted = false;
    std::atomic<bool> changed = false; // by senders
};

Dispatcher::Dispatcher(office::Office& office, net::Dialer& dialer, net::Resolver& resolver,
                       asio::any_io_executor executor)
    : office_(office),
      dialer_(dialer),
      resolver_(resolver),
      executor_(std::move(executor)),
      news_(std::make_shared<News>(executor_)),
      calendar_(std::make_unique<Calendar>(*this)),
      progress_(executor_) {}

Dispatcher::~Dispatcher() = default;

asio::awaitable<void> Dispatcher::look_for_outages() { return calendar_->look_for_outages(); }
asio::awaitable<void> Dispatcher::look_at_the_clock() { return calendar_->look_at_the_clock(); }

std::string Dispatcher::domain_of(std::string_view address) {
    auto const at = address.rfind('@');
    std::string_view const domain = at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
    return text::domain_to_ascii(domain).value_or(text::lower(domain));
}

store::Result<void> Dispatcher::start() {
    auto const time =
        office_.storage.read_here([this](store::ReadTransaction const& transaction) -> store::Result<core::LinkTime> {
            office_.link.begin(store::link_octets(transaction));
            return store::link_time(transaction);
        });
    if (!time) return std::unexpected(time.error());
    timer_ = policy::LinkTimer(*time);
    watch_ = office_.storage.store().watch_queue([news = news_, executor = executor_](store::QueueMark mark) {
        if (mark.changed) news->changed = true;
        if (!news->posted.exchange(true)) asio::post(executor, [news] { news->event.raise(); });
    });
    if (auto const read = read_queue(); !read) return read;
    if (auto const read = relays_changed(); !read) return read;
    asio::co_spawn(executor_, watch_queue(), report_fault);
    asio::co_spawn(executor_, keep_time(), report_fault);
    calendar_->start();
    return {};
}

// What came since it was read last. On this thread: it was committed just now, or the daemon starts.
store::Result<void> Dispatcher::read_queue() {
    std::vector<QueueItemId> in_doubt; // since the power was cut
    while (true) {
        auto const items = office_.storage.read_here(
            [this](store::ReadTransaction const& transaction) -> store::Result<std::vector<QueueItem>> {
                return store::list_queue(transaction, read_at_a_time, seen_);
            });
        if (!items) return std::unexpected(items.error());
        for (QueueItem const& item : *items) {
            if (item.under_way) {
                core::log(core::Event::message_in_doubt,
                          {{"item", number(item.id)}, {"message", number(item.message)}, {"to", item.recipient}});
                in_doubt.push_back(item.id);
            }
            put(item);
            seen_ = item.id;
        }
        if (items->size() < read_at_a_time) break;
    }
    if (!in_doubt.empty()) asio::co_spawn(executor_, doubt_no_more(std::move(in_doubt)), report_fault);
    return {};
}

// It was told; from now on they wait like others, and may be recalled. Before a carrier takes one of them.
asio::awaitable<void> Dispatcher::doubt_no_more(std::vector<QueueItemId> items) {
    (void)co_await office_.storage.write([items](store::WriteTransaction& transaction) -> store::Result<void> {
        for (QueueItemId const id : items)
            if (auto item = store::get_queue_item(transaction, id)) {
                item->under_way = false;
                (void)store::save_queue_item(transaction, *item);
            }
        return {};
    });
}

void Dispatcher::put(QueueItem const& item) {
    calendar_->note(item);
    if (item.held || item.withdrawn || item.scheduled) return;
    outbox_.put({item.id, item.message, item.size, priority_of(item), item.next_attempt}, domain_of(item.recipient));
}

asio::awaitable<void> Dispatcher::watch_queue() {
    while (!office_.stop.raised()) {
        co_await (news_->event.wait() || office_.stop.wait());
        news_->event.clear();
        news_->posted = false;
        if (office_.stop.raised()) break;
        if (news_->changed.exchange(false)) co_await read_again();
        // What cannot be read now is read when the next comes.
        if (read_queue()) links_changed();
    }
}

// Senders recalled, withdrew or flagged something of what was read: what is not under way is put anew, in pages, since
// the queue may be long.
asio::awaitable<void> Dispatcher::read_again() {
    outbox_.clear();
    calendar_->clear();
    for (QueueItemId at{}; at < seen_;) {
        auto const items = co_await office_.storage.read(
            [at](store::ReadTransaction const& transaction) -> store::Result<std::vector<QueueItem>> {
                return store::list_queue(transaction, read_at_a_time, at);
            });
        if (!items) { // from the beginning, later
            news_->changed = true;
            co_await wait_for_store();
            news_->event.raise();
            co_return;
        }
        for (QueueItem const& item : *items)
            if (item.id <= seen_ && !out_.contains(item.id)) put(item);
        if (items->size() < read_at_a_time) break;
        at = items->back().id;
    }
}

// So that little of the link's time is lost when the power is.
asio::awaitable<void> Dispatcher::keep_time() {
    while (!office_.stop.raised()) {
        co_await pause(executor_, time_saving, office_.stop);
        if ((timer_.runs() && outbox_.size() > 0) || office_.link.anything_to_keep()) co_await save_time();
    }
}

asio::awaitable<void> Dispatcher::save_time() {
    (void)co_await office_.storage.write(
        [now = link_now(), octets = office_.link.keep()](store::WriteTransaction& transaction) -> store::Result<void> {
            store::set_link_time(transaction, now);
            store::set_link_octets(transaction, octets);
            return {};
        });
}

store::Result<void> Dispatcher::relays_changed() {
    auto relays = office_.storage.read_here(
        [](store::ReadTransaction const& transaction) -> store::Result<std::vector<store::Relay>> {
            return store::list_relays(transaction);
        });
    if (!relays) return std::unexpected(relays.error());
    // Every one anew: what was wrong with it may be right now.
    for (auto const& [name, carrier] : carriers_) {
        carrier->gone = true;
        carrier->wake.raise();
    }
    carriers_.clear();
    std::vector<policy::RouteRule> rules;
    for (store::Relay& relay : *relays) {
        rules.push_back({relay.name, relay.domains, relay.preference, relay.is_direct()});
        std::string const name = relay.name;
        auto const carrier = std::make_shared<Carrier>(*this, std::move(relay));
        carriers_.emplace(name, carrier);
    }
    outbox_.set_rules(std::move(rules));
    links_changed();
    for (auto const& [name, carrier] : carriers_) asio::co_spawn(executor_, Carrier::run(carrier), report_fault);
    return {};
}

// Whether a relay has its mail to itself, before those that come after it.
bool Dispatcher::is_usable(std::string_view relay) const {
    auto const carrier = carriers_.find(relay);
    return carrier != carriers_.end() && !carrier->second->link.hopeless();
}

policy::Outbox::IsUsable Dispatcher::usable_relays() const {
    return [this](std::string_view relay) { return is_usable(relay); };
}

bool Dispatcher::is_ready(std::string_view relay, policy::Outbox::Wanted const& wanted) const {
    return outbox_.is_ready(relay, link_now(), usable_relays(), wanted);
}

void Dispatcher::links_changed() {
    follow_time();
    for (auto const& [name, carrier] : carriers_) carrier->wake.raise();
}

void Dispatcher::follow_time() {
    bool const usable = std::ranges::any_of(carriers_, [](auto const& one) { return one.second->link.usable(); });
    timer_.run(usable && leave().open(), office_.clock.steady());
}

policy::LinkLeave Dispatcher::leave() const { return office_.link.leave(office_.settings, office_.clock); }

policy::RetryRules Dispatcher::retry_rules() const {
    return {.expiry = office_.settings->seconds("queue.expiry"),
            .delay_notice = office_.settings->seconds("queue.delay_notice")};
}

double Dispatcher::chance() const {
    return static_cast<double>(static_cast<unsigned char>(office_.random.bytes(1).front())) / 256;
}

asio::awaitable<void> Dispatcher::settle(Answerer by, std::vector<QueueItem> items, std::vector<Outcome> outcomes) {
    co_await keep(relay::settle(std::move(items), outcomes, by, link_now(), retry_rules(), chance()));
}

// In the store first, then in memory. Until it is written, what it is about stays out of the outbox: nothing is sent
// twice, and nobody told twice.
asio::awaitable<void> Dispatcher::keep(Settlement settlement) {
    struct Count {
        Dispatcher& dispatcher;
        explicit Count(Dispatcher& its_dispatcher) : dispatcher(its_dispatcher) { ++dispatcher.settling_; }
        ~Count() {
            --dispatcher.settling_;
            dispatcher.progress_.raise();
        }
    } const count(*this);
    // What was sent is kept apart from what people are told of the rest, which may need room that there is not.
    auto const octets = office_.link.much_to_keep() ? std::optional(office_.link.keep()) : std::nullopt;
    co_await write_until_done([&settlement, octets, now = link_now()](store::WriteTransaction& transaction) {
        for (QueueItemId const id : settlement.sent) (void)store::remove_queue_item(transaction, id);
        for (QueueItem& item : settlement.waiting) {
            auto const row = store::get_queue_item(transaction, item.id);
            if (!row) continue; // it was recalled
            item.flagged = row->flagged;
            item.withdrawn = row->withdrawn;
            (void)store::save_queue_item(transaction, item);
        }
        store::set_link_time(transaction, now);
        if (octets) store::set_link_octets(transaction, *octets);
        return store::Result<void>{};
    });
    while (!settlement.notices.empty()) {
        if (auto tell = co_await make_notices(office_, settlement.notices, retry_rules())) {
            auto const told = co_await office_.storage.write(
                [&settlement, &tell](store::WriteTransaction& transaction) -> store::Result<void> {
                    auto const gone = [&](QueueItemId const id) { return !store::get_queue_item(transaction, id); };
                    if (!settlement.returned.empty() && std::ranges::all_of(settlement.returned, gone)) return {};
                    if (auto const delivered = (*tell)(transaction); !delivered) return delivered;
                    for (QueueItemId const id : settlement.returned) (void)store::remove_queue_item(transaction, id);
                    return {};
                });
            if (told) {
                tell->log();
                break;
            }
        }
        co_await wait_for_store();
    }
    for (QueueItem const& item : settlement.waiting) {
        auto const out = out_.find(item.id);
        bool const recalled = out != out_.end() && out->second.state == Out::State::recalled;
        if (out != out_.end()) out_.erase(out);
        if (!recalled) put(item);
    }
    for (auto const* gone : {&settlement.sent, &settlement.returned})
        for (QueueItemId const id : *gone) out_.erase(id);
    links_changed();
}

asio::awaitable<void>
Dispatcher::write_until_done(std::function<store::Result<void>(store::WriteTransaction&)> change) {
    while (!co_await office_.storage.write(change)) co_await wait_for_store();
}

asio::awaitable<void> Dispatcher::wait_for_store() {
    asio::steady_timer timer(executor_, store_pause);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

void Dispatcher::take_out(QueueItemId item) {
    outbox_.remove(item);
    out_.emplace(item, Out{});
}

void Dispatcher::network_changed() {
    office_.link.network_changed();
    for (auto const& [name, carrier] : carriers_) carrier->doubt();
    links_changed();
}

std::vector<RelayStatus> Dispatcher::status() const {
    std::vector<RelayStatus> rows;
    for (auto const& [name, carrier] : carriers_)
        rows.push_back({name, carrier->link.state(), carrier->trouble, carrier->refuses, outbox_.waiting(name), carrier->sending()});
    return rows;
}

Standing Dispatcher::standing(QueueItem const& item) const {
    using Why = Standing::Why;
    if (item.held) return {Why::held, {}};
    if (item.withdrawn) return {Why::withdrawn, {}};
    if (item.scheduled) return {Why::scheduled, {}, std::max(item.transfer.release - office_.clock.wall(), 0s)};
    auto const leave = this->leave();
    switch (leave.why) {
    case policy::LinkLeave::Why::open: break;
    case policy::LinkLeave::Why::held: return {Why::link_held, {}};
    case policy::LinkLeave::Why::schedule: return {Why::schedule, {}, leave.changes_in};
    case policy::LinkLeave::Why::budget: return {Why::budget, {}, leave.changes_in};
    }
    if (item.size > leave.largest) return {Why::too_large_for_link, {}};
    auto const route = outbox_.route_of(domain_of(item.recipient));
    if (route.empty()) return {Why::no_relay, {}};
    Standing standing;
    bool usable = false;
    for (std::string const& name : route) {
        auto const carrier = carriers_.find(name);
        if (carrier == carriers_.end()) continue;
        usable = usable || carrier->second->link.usable();
        if (carrier->second->trouble.empty()) continue;
        if (standing.detail.empty()) standing.detail = carrier->second->trouble;
        if (standing.why != Why::relay_refuses)
            standing.why = carrier->second->refuses ? Why::relay_refuses : Why::no_link;
    }
    if (item.next_attempt > link_now() && (usable || standing.why == Why::next))
        return {Why::put_off, item.last_reply, item.next_attempt - link_now()};
    return standing;
}

asio::awaitable<void> Dispatcher::drained(core::SteadyTime::duration at_most) {
    auto const until = office_.clock.steady() + at_most;
    auto const busy = [this] {
        return settling_ > 0 || std::ranges::any_of(carriers_, [](auto const& one) { return one.second->sending(); });
    };
    while (busy() && office_.clock.steady() < until) {
        progress_.clear();
        asio::steady_timer timer(executor_, until - office_.clock.steady());
        co_await (timer.async_wait(asio::as_tuple(asio::use_awaitable)) || progress_.wait());
    }
    if (office_.link.anything_to_keep()) co_await save_time();
}

asio::awaitable<std::expected<std::string, OpenFailure>> Dispatcher::test(std::string name, std::string domain) {
    auto const found = carriers_.find(name);
    if (found == carriers_.end())
        co_return std::unexpected(OpenFailure{Trouble::refused, std::format("there is no relay {}", name)});
    auto const carrier = found->second; // its relay stays while we look
    std::string host = carrier->relay.host;
    if (carrier->relay.is_direct()) {
        auto const exchangers = co_await find_exchangers(resolver_, domain);
        if (!exchangers)
            co_return std::unexpected(
                OpenFailure{Trouble::unreachable, std::format("{}: {}", domain, exchangers.error().reason)});
        host = exchangers->front().host;
    }
    auto const trust = co_await TlsTrust::make(office_, carrier->relay.security, carrier->relay.authority);
    if (!trust) co_return std::unexpected(OpenFailure{Trouble::tls, trust.error()});
    auto opened = co_await Upstream::open(office_, dialer_, carrier->relay, std::move(host), *trust);
    if (!opened) co_return std::unexpected(std::move(opened.error()));
    auto description = (*opened)->description();
    co_await (*opened)->quit();
    carrier->link.retry_now(office_.clock.steady());
    carrier->wake.raise();
    co_return description;
}

asio::awaitable<Dispatcher::Done> Dispatcher::remove(QueueItemId id, std::string by) {
    outbox_.remove(id);
    if (auto const out = out_.find(id); out != out_.end()) {
        if (out->second.state == Out::State::sending) co_return std::unexpected("it is being sent at this moment");
        out->second.state = Out::State::recalled;
    }
    auto const removed = co_await office_.storage.write(
        [id, by, now = office_.clock.wall()](store::WriteTransaction& transaction) -> store::Result<void> {
            auto const item = store::get_queue_item(transaction, id);
            if (!item) return std::unexpected(store::StoreError::no_such_queue_item);
            if (auto const gone = store::remove_queue_item(transaction, id); !gone) return gone;
            return store::audit(transaction, "queue.remove", about(*item, by), now);
        });
    if (!removed) co_return std::unexpected(std::string(store::describe(removed.error())));
    co_return Done{};
}

// Reads it, changes it, and puts it where it belongs then.
asio::awaitable<Dispatcher::Done> Dispatcher::change(QueueItemId id, Edit edit) {
    if (out_.contains(id)) co_return std::unexpected("it is being sent at this moment");
    take_out(id); // ours alone until it is written
    auto const changed =
        co_await office_.storage.write([id, edit](store::WriteTransaction& transaction) -> store::Result<QueueItem> {
            auto item = store::get_queue_item(transaction, id);
            if (!item) return std::unexpected(store::StoreError::no_such_queue_item);
            if (auto const edited = edit(transaction, *item); !edited) return std::unexpected(edited.error());
            if (auto const saved = store::save_queue_item(transaction, *item); !saved)
                return std::unexpected(saved.error());
            return std::move(*item);
        });
    out_.erase(id);
    if (!changed) co_return std::unexpected(std::string(store::describe(changed.error())));
    put(*changed);
    links_changed();
    co_return Done{};
}

asio::awaitable<Dispatcher::Done> Dispatcher::hold(QueueItemId id, bool hold, std::string by) {
    co_return co_await change(
        id, [hold, by, now = office_.clock.wall()](store::WriteTransaction& transaction, QueueItem& item) {
            item.held = hold;
            return store::audit(transaction, hold ? "queue.hold" : "queue.release", about(item, by), now);
        });
}

asio::awaitable<Dispatcher::Done> Dispatcher::retry(QueueItemId id) {
    for (auto const& [name, carrier] : carriers_) carrier->link.retry_now(office_.clock.steady());
    co_return co_await change(id, [now = link_now()](store::WriteTransaction&, QueueItem& item) {
        item.next_attempt = std::min(item.next_attempt, now);
        return store::Result<void>{};
    });
}

asio::awaitable<Dispatcher::Done> Dispatcher::retry_all() {
    for (auto const& [name, carrier] : carriers_) carrier->link.retry_now(office_.clock.steady());
    auto const items = co_await office_.storage.read(
        [](store::ReadTransaction const& transaction) -> store::Result<std::vector<QueueItem>> {
            return store::list_queue(transaction, std::numeric_limits<std::size_t>::max());
        });
    if (!items) co_return std::unexpected(std::string(store::describe(items.error())));
    for (QueueItem item : *items) {
        if (out_.contains(item.id) || item.held) continue;
        item.next_attempt = std::min(item.next_attempt, link_now()); // in memory: the store's comes true by itself
        put(item);
    }
    links_changed();
    co_return Done{};
}

// Whoever may connect may ask this, so that asking again costs nothing, and nothing is dialled for what is not there.
office::QueueStart Dispatcher::start_queue(policy::Node const& node) {
    if (!outbox_.has_own_route(node)) return office::QueueStart::not_allowed;
    if (!leave().open()) return office::QueueStart::unable;
    auto const now = office_.clock.steady();
    std::erase_if(started_, [&](auto const& one) { return now - one.second >= start_pause; });
    std::string const name = (node.and_below ? "@" : "") + node.domain;
    if (started_.contains(name)) return office::QueueStart::started;
    auto const relays = outbox_.hasten(node, link_now());
    if (relays.empty()) return office::QueueStart::nothing_waits;
    started_.emplace(name, now);
    core::log(core::Event::queue_started, {{"node", name}});
    for (std::string const& relay : relays)
        if (auto const carrier = carriers_.find(relay); carrier != carriers_.end()) carrier->second->hasten(node);
    links_changed();
    return office::QueueStart::started;
}

} // namespace postern::relay
