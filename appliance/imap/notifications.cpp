#include "imap/notifications.h"

#include "imap/session.h"

#include <utility>

namespace postern::imap {

asio::awaitable<void> tell_of_mailboxes(Session& session) {
    Notifications* const notifications = session.notifications();
    if (notifications == nullptr || !notifications->bell) co_return;
    store::AccountMark touched = std::exchange(notifications->owed, {});
    add(touched, notifications->bell->take());
    if (!notifications->watched || (touched.mailboxes.empty() && !touched.listing)) co_return;
    auto const text = co_await session.storage().read(
        [watched = notifications->watched, touched, client = session.watching_client()](
            store::ReadTransaction const& transaction) { return watched->catch_up(transaction, touched, client); });
    if (!text) {
        // As in Session::announce.
        notifications->owed = std::move(touched);
        if (text.error() == store::StoreError::no_such_account) session.log_out(no(text.error()).text);
        co_return;
    }
    session.queue(*text);
    if (notifications->memory.resize(notifications->watched->held_octets())) co_return;
    // RFC 5465 §5.8: as if by NOTIFY NONE from now on.
    std::string line;
    wire::imap::put_untagged(line, wire::imap::Condition::ok,
                             "[NOTIFICATIONOVERFLOW] There is too much to watch; nothing more is told");
    session.queue(line);
    session.notify(std::make_unique<Notifications>());
}

} // namespace postern::imap
