// What one session's client asked to be told by NOTIFY (RFC 5465), in place of what every client is told of its
// selected mailbox and at its commands alone.
#pragma once

#include "imap/account_bell.h"
#include "imap/watched_mailboxes.h"
#include "net/memory_budget.h"
#include "wire/imap_notify.h"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace postern::imap {

namespace asio = boost::asio;

class Session;

// One session's; its executor. As it stands: NOTIFY NONE.
struct Notifications {
    // Of the selected mailbox (§6.1): at once, where expunges may wait for a command that bears them.
    wire::imap::NotifyEvents selected;
    bool expunges_delayed = false;
    std::vector<wire::imap::FetchItem> items; // of new messages

    std::optional<AccountBell> bell; // unless nothing at all is to be told
    std::shared_ptr<WatchedMailboxes>
        watched;             // with a look that is under way; null: nothing of other mailboxes is told
    store::AccountMark owed; // what could not be looked at when it rang
    net::MemoryShare memory; // for what is watched

    // RFC 5465 §5: whether changes of annotations are told at all; and of that mailbox, or of the server (""), if they
    // are.
    [[nodiscard]] bool wants_annotations() const { return watched && watched->wants_annotations(); }
    [[nodiscard]] bool wants_annotations_of(std::string_view mailbox) const {
        return watched && watched->wants_annotations_of(mailbox);
    }
};

// Tells what happened to mailboxes that are not selected, if the client wants to know.
asio::awaitable<void> tell_of_mailboxes(Session& session);

} // namespace postern::imap
