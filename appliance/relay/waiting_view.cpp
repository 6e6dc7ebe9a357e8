#include "relay/waiting_view.h"

#include "message/date.h"
#include "message/structure.h"
#include "relay/background.h"
#include "store/accounts.h"
#include "store/messages.h"
#include "store/queue.h"
#include "text/ascii.h"
#include "text/utf8.h"

#include <algorithm>
#include <chrono>
#include <format>
#include <functional>
#include <span>
#include <utility>

namespace postern::relay {

using namespace std::chrono_literals;
using core::number;
using store::AccountId;
using store::QueueItem;
using Why = Standing::Why;

namespace {

constexpr std::size_t read_at_a_time = 1000;
constexpr std::size_t written_at_a_time = 50;

// Between two looks: so that a long queue does not keep the box busy with showing it.
constexpr auto shortest_pause = 5s;
constexpr int pause_for_work = 20; // times as long as the last look took

constexpr std::size_t most_recipients = 20; // that are named
constexpr std::size_t most_detail = 500;    // octets of what others wrote
constexpr std::string_view mark_field = "Postern-Mark: ";

std::string_view keyword_of(Why why) {
    switch (why) {
    case Why::next:
    case Why::no_link: return "$WaitingForInternet";
    case Why::put_off: return "$PutOff";
    case Why::relay_refuses:
    case Why::no_relay:
    case Why::link_held:
    case Why::schedule:
    case Why::budget:
    case Why::too_large_for_link:
    case Why::held: return "$Held";
    case Why::scheduled: return "$Scheduled";
    case Why::withdrawn: return "$Withdrawn";
    }
    std::unreachable();
}

std::string_view state_of(Why why) {
    switch (why) {
    case Why::next: return "next to be sent";
    case Why::no_link: return "waiting for the internet; it leaves by itself as soon as that is back";
    case Why::put_off: return "put off by the other side; it is tried again by itself";
    case Why::relay_refuses: return "waiting for the administrator: the relay takes no mail from this office";
    case Why::no_relay: return "waiting for the administrator: nobody was named who takes mail for there";
    case Why::link_held: return "waiting for the administrator, who holds all mail for outside";
    case Why::schedule:
        return "waiting for the hours in which this office uses its connection; then it leaves by itself";
    case Why::budget: return "waiting until this office may use its connection again; then it leaves by itself";
    case Why::too_large_for_link: return "waiting for a connection that is good for large messages";
    case Why::held: return "waiting for the administrator, who holds this message";
    case Why::scheduled: return "to be sent later, as you asked";
    case Why::withdrawn: return "held back, since it is marked as deleted here; without the mark it leaves";
    }
    std::unreachable();
}

} // namespace

asio::awaitable<void> WaitingView::run(asio::any_io_executor executor) {
    auto wait = std::chrono::duration_cast<core::SteadyTime::duration>(shortest_pause);
    while (!office_.stop.raised()) {
        co_await pause(executor, wait, office_.stop);
        if (office_.stop.raised()) break;
        auto const began = office_.clock.steady();
        co_await look();
        wait = std::max<core::SteadyTime::duration>(shortest_pause, (office_.clock.steady() - began) * pause_for_work);
    }
}

asio::awaitable<void> WaitingView::look() {
    if (!knows_shown_ && !co_await read_shown()) co_return;
    for (auto& [id, account] : accounts_) account.wanted.clear();
    if (!co_await read_queue()) co_return;
    for (auto& [id, account] : accounts_) {
        // Somebody may have taken out what was shown, and what cannot be written now is looked at anew.
        if (!co_await follow(id, account)) knows_shown_ = false;
    }
    std::erase_if(accounts_, [](auto const& one) { return one.second.shown.empty() && one.second.wanted.empty(); });
    if (!knows_shown_) accounts_.clear();
}

asio::awaitable<bool> WaitingView::read_shown() {
    using All = std::map<AccountId, Account>;
    auto read = co_await office_.storage.read([](store::ReadTransaction const& transaction) -> store::Result<All> {
        All all;
        for (store::Account const& account : store::list_accounts(transaction)) {
            auto const mailbox = store::waiting_mailbox(transaction, account.id);
            if (!mailbox) continue;
            for (store::Shown const& shown : mailbox->shown) {
                auto const at = shown.heading.find(mark_field);
                auto const mark =
                    at == std::string::npos ? std::string() : shown.heading.substr(at + mark_field.size());
                all[account.id].shown.emplace(shown.message, mark.substr(0, mark.find('\r')));
            }
        }
        return all;
    });
    if (!read) co_return false;
    accounts_ = std::move(*read);
    co_return knows_shown_ = true;
}

asio::awaitable<bool> WaitingView::read_queue() {
    store::QueueItemId last{};
    std::vector<QueueItem> message; // whose items are not all read, maybe
    while (true) {
        auto items = co_await office_.storage.read(
            [last](store::ReadTransaction const& transaction) -> store::Result<std::vector<QueueItem>> {
                return store::list_queue(transaction, read_at_a_time, last);
            });
        if (!items) co_return false;
        for (QueueItem& item : *items) {
            last = item.id;
            if (!message.empty() && message.front().message != item.message) take(std::exchange(message, {}));
            message.push_back(std::move(item));
        }
        if (items->size() < read_at_a_time) break;
    }
    if (!message.empty()) take(std::move(message));
    co_return true;
}

void WaitingView::take(std::vector<QueueItem> items) {
    QueueItem const& first = items.front();
    if (first.owner == AccountId{} || office_.clock.wall() < first.queued + grace) return;
    Account& account = accounts_[first.owner];
    if (account.wanted.size() >= most_shown) return;
    Message message{.id = first.message,
                    .items = {},
                    .recipients = items.size(),
                    .in_hand = std::ranges::contains(items, true, &QueueItem::withdrawn),
                    .mark = mark_of(items)};
    items.resize(std::min(items.size(), most_recipients));
    message.items = std::move(items);
    account.wanted.push_back(std::move(message));
}

std::string WaitingView::mark_of(std::vector<QueueItem> const& items) const {
    std::string mark;
    for (QueueItem const& item : items) {
        auto const why = dispatcher_.standing(item).why;
        // One that is being sent is shown as it was: it is gone soon, or waits as before.
        mark += std::format("{}{}", static_cast<unsigned>(why == Why::next ? Why::no_link : why),
                            why == Why::put_off ? std::format("a{}", item.attempts) : "");
        mark += std::format(":{:x},", number(item.id));
    }
    // Of many recipients, no more than tells one state from another.
    return mark.size() <= 64 ? mark : std::format("{:x}", std::hash<std::string>()(mark));
}

std::string WaitingView::heading_of(Message const& message) const {
    auto const now = office_.clock.wall();
    auto const written = [&](store::WallTime time) { return message::format_date({time, office_.clock.offset(time)}); };
    auto const first = dispatcher_.standing(message.items.front()).why;
    std::string heading = std::format("Postern-State: {}\r\n", state_of(first));
    heading += std::format("Postern-Waiting-Since: {}\r\n", written(message.items.front().queued));
    if (message.items.front().scheduled)
        heading += std::format("Postern-Scheduled: {}\r\n", written(message.items.front().transfer.release));
    for (QueueItem const& item : message.items) {
        auto const standing = dispatcher_.standing(item);
        heading += std::format("Postern-Recipient: {}", text::one_line(item.recipient, most_detail));
        if (standing.why == Why::put_off)
            heading +=
                std::format(";\r\n next attempt: {}, if the internet is there;\r\n answer: {}",
                            written(now + standing.due.value_or(0s)), text::one_line(standing.detail, most_detail));
        else if (standing.why != first)
            heading += std::format(";\r\n {}", state_of(standing.why));
        heading += "\r\n";
    }
    if (message.recipients > message.items.size())
        heading += std::format("Postern-More-Recipients: {}\r\n", message.recipients - message.items.size());
    heading += "Postern-Hint: Deleted here, it is recalled and never sent; marked with a flag or star, it\r\n"
               " goes before other mail.\r\n";
    return heading + std::format("{}{}\r\n", mark_field, message.mark);
}

asio::awaitable<bool> WaitingView::follow(AccountId id, Account& account) {
    std::vector<Message const*> news;
    Shown gone = account.shown;
    for (Message const& message : account.wanted) {
        auto const shown = gone.find(message.id);
        if (shown == gone.end() || (shown->second != message.mark && !message.in_hand)) news.push_back(&message);
        if (shown != gone.end()) gone.erase(shown);
    }
    auto const now = office_.clock.wall();
    if (!gone.empty()) {
        auto const hidden =
            co_await office_.storage.write([id, &gone](store::WriteTransaction& transaction) -> store::Result<void> {
                auto const mailbox = store::waiting_mailbox(transaction, id);
                if (!mailbox) return {};
                store::UidSet uids;
                for (store::Shown const& shown : mailbox->shown)
                    if (gone.contains(shown.message)) uids.add(shown.uid);
                return store::hide(transaction, mailbox->id, uids);
            });
        if (!hidden) co_return false;
        for (auto const& [message, mark] : gone) account.shown.erase(message);
    }
    for (std::size_t at = 0; at < news.size(); at += written_at_a_time) {
        auto const end = std::min(news.size(), at + written_at_a_time);
        std::vector<store::Showing> showings;
        for (Message const* message : std::span(news).subspan(at, end - at))
            showings.push_back({message->id,
                                heading_of(*message),
                                {},
                                {std::string(keyword_of(dispatcher_.standing(message->items.front()).why))}});
        auto const shown = co_await office_.storage.write(
            [id, &showings, now](store::WriteTransaction& transaction) -> store::Result<void> {
                for (store::Showing& showing : showings) {
                    auto const original = store::view_message(transaction, showing.message);
                    auto const structure = original ? message::decode_structure(original->structure) : std::nullopt;
                    if (!structure) continue; // gone, or damaged
                    auto const lines = static_cast<std::uint32_t>(std::ranges::count(showing.heading, '\n'));
                    showing.structure = message::encode_with_heading(*structure, showing.heading.size(), lines);
                }
                return store::show(transaction, id, showings, now);
            });
        if (!shown) co_return false;
        for (Message const* message : std::span(news).subspan(at, end - at))
            account.shown.insert_or_assign(message->id, message->mark);
    }
    co_return true;
}

} // namespace postern::relay
