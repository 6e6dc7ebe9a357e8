#include "imap/notify.h"

#include "imap/fetch.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace postern::imap {

using wire::imap::EventGroup;
using wire::imap::NotifyEvent;
using wire::imap::NotifyEvents;

namespace {

// Messages have no annotations here (RFC 5257).
constexpr std::array supported = {NotifyEvent::message_new,           NotifyEvent::message_expunge,
                                  NotifyEvent::flag_change,           NotifyEvent::mailbox_name,
                                  NotifyEvent::subscription_change,   NotifyEvent::mailbox_metadata_change,
                                  NotifyEvent::server_metadata_change};

// RFC 5465 §3.1, §8: BADEVENT names all that there are.
Answer bad_event() {
    std::string text = "[BADEVENT (";
    for (NotifyEvent const event : supported) {
        if (event != supported.front()) text += ' ';
        text += wire::imap::event_name(event);
    }
    return no(text + ")] There are no such events here");
}

bool is_supported(NotifyEvents events) {
    for (NotifyEvent const event : supported) events = events - event;
    return events.empty();
}

// Those of which the store tells what happens where `scope` looks (store::AccountMark). What belongs to the office its
// administrators reach without being named by a list.
std::vector<store::AccountId> heard_of(office::Identity const& identity, Scope const& scope) {
    std::vector<store::AccountId> accounts{scope.account};
    if (scope.shared) accounts.push_back(store::anyone);
    if (scope.shared && identity.administrator) accounts.push_back(store::the_office);
    return accounts;
}

} // namespace

asio::awaitable<Answer> notify(Session& session, wire::imap::Notify& command) {
    if (command.unknown || !std::ranges::all_of(command.groups, is_supported, &EventGroup::events))
        co_return bad_event();
    bool const none = command.groups.empty();
    auto fresh = std::make_unique<Notifications>();
    fresh->memory = session.connection().share();
    if (auto const group = std::ranges::find_if(command.groups, wire::imap::is_of_selected);
        group != command.groups.end()) {
        if (asks_too_much(group->items))
            co_return no("[NOTIFICATIONOVERFLOW] That is too much to tell of each message");
        fresh->selected = group->events;
        fresh->expunges_delayed = group->filter.kind == wire::imap::MailboxFilter::Kind::selected_delayed;
        fresh->items = std::move(group->items);
    }
    std::string status;
    if (!none) {
        if (!std::ranges::all_of(command.groups, wire::imap::is_of_selected))
            fresh->watched = std::make_shared<WatchedMailboxes>(session.account(), command.groups);
        // It rings from now on: what happens after the first look is told by the next one.
        auto const accounts =
            heard_of(session.identity(), fresh->watched ? fresh->watched->scope() : Scope{session.account(), false});
        fresh->bell.emplace(session.storage().store(), accounts, session.connection().executor(), session.news());
        if (fresh->watched) {
            auto const first = co_await session.storage().read(
                [watched = fresh->watched, asked = command.status, client = session.watching_client()](
                    store::ReadTransaction const& transaction) { return watched->begin(transaction, asked, client); });
            if (!first) co_return no(first.error());
            if (!fresh->memory.resize(fresh->watched->held_octets()) || !session.make_room(first->size()))
                co_return no("[NOTIFICATIONOVERFLOW] There is no room to watch all that");
            status = *first;
        }
        // RFC 5465 §3.1: what has gathered up in the selected mailbox is told first, as without NOTIFY.
        session.notify(nullptr);
        co_await session.announce(Session::Expunges::told);
        if (session.state() == State::logout) co_return answered();
    }
    session.queue(status);
    if (std::ranges::contains(fresh->items, wire::imap::FetchItem(wire::imap::FetchAttribute::modseq)))
        session.enable(Extension::condstore); // RFC 7162 §3.1
    session.notify(std::move(fresh));
    co_return ok(none ? "Nothing is told any more" : "That is told from now on");
}

} // namespace postern::imap
